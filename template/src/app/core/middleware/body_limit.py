"""How much a request may bring."""

from http import HTTPStatus

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem

# What a header may say of how the body is coded, if it says anything.
PLAIN = {b"content-encoding": b"identity", b"transfer-encoding": b"chunked"}


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
        for name, value in scope["headers"]:
            if name == b"content-length" and self._is_too_large(value):
                status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                return problem(Request(scope), status, self._too_large)
            if name in PLAIN and value.lower() != PLAIN[name]:
                return _refuse_coded(Request(scope))
        return None

    def _is_too_large(self, content_length: bytes) -> bool:
        digits = content_length.lstrip(b"0")
        limit = b"%d" % self._max_bytes
        # As text of equal length, since Python refuses to read numbers of thousands of digits.
        return digits.isdigit() and (len(digits), digits) > (len(limit), limit)


def _refuse_coded(request: Request) -> Response:
    detail = "The body must not be compressed."
    accepted = {"Accept-Encoding": "identity"}  # RFC 9110 12.5.3
    return problem(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers=accepted)
