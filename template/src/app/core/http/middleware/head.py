"""HEAD for every path that supports GET."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Handles HEAD like GET, but sends no body (RFC 9110 9.3.2). FastAPI adds no HEAD routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        changed = {**scope, "method": "GET"}
        try:
            await self._app(changed, receive, send_without_body)
        finally:
            scope["route"] = changed.get("route")  # for the metrics
