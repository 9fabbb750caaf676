"""Limits the size of request bodies."""

from collections.abc import Awaitable
from http import HTTPStatus

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.problems import problem

# The only value that each of these headers may have.
ALLOWED_CODINGS = {b"content-encoding": b"identity", b"transfer-encoding": b"chunked"}


class BodyLimitMiddleware:
    """Rejects bodies that are too large, by Content-Length or while reading (RFC 9110 15.5.14).

    Also rejects compressed bodies, because a small one may expand to gigabytes (ASVS 5.2.3).
    Starlette's own limit runs outside of all middleware: its responses have no request id and no
    CORS headers, and are not problems.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        if response := self._refusal(scope):
            return response(scope, receive, send)
        return self._app(scope, receive_at_most(self._max_bytes, receive), send)

    def _refusal(self, scope: Scope) -> Response | None:
        for name, value in scope["headers"]:
            if name == b"content-length" and _exceeds(value, self._max_bytes):
                error = _too_large(self._max_bytes)
                return problem(Request(scope), error.status_code, error.detail)
            if name in ALLOWED_CODINGS and value.lower() != ALLOWED_CODINGS[name]:
                return _refuse_compressed(Request(scope))
        return None


def receive_at_most(max_bytes: int, receive: Receive, *, drain: bool = False) -> Receive:
    """Return a `receive` that raises `HTTPException` (413) when the body exceeds `max_bytes`.

    With `drain`, it first reads the rest of the body: if a client is still sending when the server
    closes the connection, the client may lose the response.
    """
    received = 0

    async def receive_within_limit() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > max_bytes:
            while drain and message.get("more_body", False):
                message = await receive()
            raise _too_large(max_bytes)
        return message

    return receive_within_limit


def _too_large(max_bytes: int) -> HTTPException:
    detail = f"The body must have at most {max_bytes} bytes."
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _exceeds(content_length: bytes, max_bytes: int) -> bool:
    digits = content_length.lstrip(b"0")
    limit = b"%d" % max_bytes
    # Compare text, because Python refuses to parse numbers with thousands of digits.
    return digits.isdigit() and (len(digits), digits) > (len(limit), limit)


def _refuse_compressed(request: Request) -> Response:
    detail = "The body must not be compressed. Send it without Content-Encoding."
    accepted = {"Accept-Encoding": "identity"}  # RFC 9110 12.5.3
    return problem(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, headers=accepted)
