"""Pure ASGI middleware: around every request, whatever becomes of it."""

import re
import time
from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
PROBES = frozenset({"/health", "/ready"})

logger = structlog.get_logger(__name__)


class RequestContextMiddleware:
    """Gives each request an id: in its answer, its log lines and its problems (ASVS 16.2.1)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id", ""))
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_with_id)


class RequestLogMiddleware:
    """Logs one line a request; never its query, headers or body, which may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        started = time.perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            logger.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=int(status),
                duration_ms=round((time.perf_counter() - started) * 1000, 2),
                client=scope["client"][0] if scope.get("client") else None,
            )


class UnexpectedErrorMiddleware:
    """Turns what nobody caught into a problem, logged once (ASVS 16.5.4).

    FastAPI's own handler for `Exception` runs outside every middleware: without request id or CORS.
    """

    def __init__(self, app: ASGIApp, *, debug: bool) -> None:
        self._app = app
        self._debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = has_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:
            logger.exception("unexpected_error")
            if has_started:
                raise
            detail = repr(error) if self._debug else "Something went wrong; it has been logged."
            response = problem(Request(scope), HTTPStatus.INTERNAL_SERVER_ERROR, detail)
            await response(scope, receive, send)


class BodyLimitMiddleware:
    """Refuses bodies that are too large, whether they say so or prove so (RFC 9110 15.5.14).

    Starlette's own limit runs outside every middleware: without request id, CORS or our problems.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        detail = f"The body must have {self._max_bytes} bytes or less."
        if self._is_declared_too_large(Headers(scope=scope).get("content-length", "")):
            response = problem(Request(scope), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
            await response(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
            return message

        await self._app(scope, receive_within_limit, send)

    def _is_declared_too_large(self, content_length: str) -> bool:
        digits = content_length.lstrip("0")
        limit = str(self._max_bytes)
        # As text of equal length, since Python refuses to read numbers of thousands of digits.
        return digits.isdecimal() and (len(digits), digits) > (len(limit), limit)


class TrustedHostMiddleware:
    """Refuses requests for other hosts than ours; probes come by address (ASVS 4.1.3)."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str]) -> None:
        self._app = app
        self._allowed = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in PROBES or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        response = problem(Request(scope), HTTPStatus.BAD_REQUEST, "This host is not served here.")
        await response(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        return len(hosts) == 1 and re.sub(r":\d+$", "", hosts[0]).lower() in self._allowed


def _request_id(sent: str) -> str:
    """Take over the client's id only if no log or header can be broken by it (ASVS 16.4.1)."""
    return sent if REQUEST_ID.fullmatch(sent) else str(uuid4())
