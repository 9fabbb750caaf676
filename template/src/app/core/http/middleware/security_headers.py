"""Adds security headers to responses, and removes `Content-Type` from 204 responses."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Headers for an API, which serves no pages (ASVS 3.4, OWASP REST Security).
SECURITY_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
# After one visit, browsers use only HTTPS for one year (RFC 6797).
STRICT_TRANSPORT_SECURITY = (
    b"strict-transport-security",
    b"max-age=31536000; includeSubDomains",
)


class SecurityHeadersMiddleware:
    """Adds the security headers that a response lacks; the documentation pages set their own."""

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self._app = app
        self._headers = (
            (*SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY) if https_only else SECURITY_HEADERS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                given = {name.lower() for name, _ in headers}
                headers += [header for header in self._headers if header[0] not in given]
                if message["status"] == HTTPStatus.NO_CONTENT:
                    # A 204 has no content that the header could describe (RFC 9110 8.3).
                    headers = [each for each in headers if each[0].lower() != b"content-type"]
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_with_headers)
