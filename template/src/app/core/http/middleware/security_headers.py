"""What browsers and caches may do with our answers."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The headers of an API, none of whose answers is a page (ASVS 3.4, OWASP REST Security).
SECURITY_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
# One year: for that long a browser that was here once asks by HTTPS only (RFC 6797).
STRICT_TRANSPORT_SECURITY = (
    b"strict-transport-security",
    b"max-age=31536000; includeSubDomains",
)


class SecurityHeadersMiddleware:
    """Adds to every answer the headers that it does not bring itself, as the docs' pages do."""

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self._app = app
        self._headers = (
            (*SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY) if https_only else SECURITY_HEADERS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                brought = {name.lower() for name, _ in headers}
                headers += [header for header in self._headers if header[0] not in brought]
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers)
