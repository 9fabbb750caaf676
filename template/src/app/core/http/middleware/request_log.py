"""Logs every request."""

import time
from http import HTTPStatus

import structlog
from starlette._utils import get_route_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = structlog.get_logger(__package__)  # stays the same if this file moves


class RequestLogMiddleware:
    """Logs one line per request, without the query, headers and body: they may contain secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        path = get_route_path(scope)  # without `ROOT_PATH`, as in routes and metrics
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
                path=path,
                status=int(status),
                duration_ms=round((time.perf_counter() - started) * 1000, 2),
            )
