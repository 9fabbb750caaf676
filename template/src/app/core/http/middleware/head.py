"""HEAD for every path that supports GET."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Handles HEAD like GET, but sends no body (RFC 9110 9.3.2). FastAPI adds no HEAD routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        return (self._handle_head if is_head else self._app)(scope, receive, send)

    async def _handle_head(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        get = {**scope, "method": "GET"}
        try:
            await self._app(get, receive, send_without_body)
        finally:
            scope["route"] = get.get("route")  # the metrics read it
