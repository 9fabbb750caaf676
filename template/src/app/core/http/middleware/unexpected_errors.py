"""Handles errors that no other code handles."""

from http import HTTPStatus

import structlog
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.problems import problem

logger = structlog.get_logger(__package__)


class UnexpectedErrorMiddleware:
    """Turns unhandled errors into problems, and logs each error once (ASVS 16.5.4).

    FastAPI's own handler for `Exception` runs outside of all middleware, so its responses have no
    request id and no CORS headers. The disconnection of a client before the body is complete is not
    an error of the service.
    """

    def __init__(self, app: ASGIApp, *, debug: bool) -> None:
        self._app = app
        self._debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        except ClientDisconnect:
            if not has_started:  # only the log and the metrics see this response
                detail = "The body is incomplete."
                response = problem(Request(scope), HTTPStatus.BAD_REQUEST, detail)
                await response(scope, receive, send)
        except Exception as error:
            logger.exception("unexpected_error")
            if has_started:
                raise
            detail = repr(error) if self._debug else "An unexpected error occurred and was logged."
            response = problem(Request(scope), HTTPStatus.INTERNAL_SERVER_ERROR, detail)
            await response(scope, receive, send)
