"""Serves the application below a path of its host, such as `/shop`."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The headers whose values can be paths of the service.
URL_HEADERS = (b"location", b"content-location", b"link")


class RootPathMiddleware:
    """Adds `root_path` to the path of a request, and to paths in the `URL_HEADERS` of the response.

    A proxy may remove the root path from requests or keep it: both have the same effect. As ASGI
    requires, `scope["path"]` then begins with `scope["root_path"]`. So do all URLs that Starlette
    makes. A client cannot change the root path: `X-Forwarded-Prefix` is ignored.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path
        self._replacement = b"\\1" + root_path.encode()
        # A path that is the whole value, or in `<>`, and does not begin with the root path. A value
        # that begins with `//` names another host.
        self._path = re.compile(
            rb"(^|<)(?=/(?!/))(?!%b(?:[/?#>]|$))" % re.escape(root_path.encode())
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if not f"{scope['path']}/".startswith(f"{self._root_path}/"):
            scope["path"] = self._root_path + scope["path"]
        scope["root_path"] = self._root_path

        async def send_with_root_path(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, self._path.sub(self._replacement, value))
                    if name.lower() in URL_HEADERS
                    else (name, value)
                    for name, value in message.get("headers", ())
                ]
            await send(message)

        await self._app(scope, receive, send_with_root_path)
