"""How much a request may bring."""

from http import HTTPStatus

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem


class BodyLimitMiddleware:
    """Refuses bodies that are too large, whether they say so or prove so (RFC 9110 15.5.14).

    Compressed ones are refused as well: a kilobyte of them may hold gigabytes (ASVS 5.2.3).
    Starlette's own limit runs outside every middleware: without request id, CORS or our problems.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._too_large = f"The body must have {max_bytes} bytes or less."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if response := self._refusal(scope):
            await response(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large)
            return message

        await self._app(scope, receive_within_limit, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, request = Headers(scope=scope), Request(scope)
        if self._is_declared_too_large(headers.get("content-length", "")):
            return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_large)
        if _is_coded(headers):
            detail = "The body must not be compressed."
            accepted = {"Accept-Encoding": "identity"}  # RFC 9110 12.5.3
            return problem(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers=accepted)
        return None

    def _is_declared_too_large(self, content_length: str) -> bool:
        digits = content_length.lstrip("0")
        limit = str(self._max_bytes)
        # As text of equal length, since Python refuses to read numbers of thousands of digits.
        return digits.isdecimal() and (len(digits), digits) > (len(limit), limit)


def _is_coded(headers: Headers) -> bool:
    return any(
        coding.lower() != plain
        for name, plain in (("content-encoding", "identity"), ("transfer-encoding", "chunked"))
        for coding in headers.getlist(name)
    )
