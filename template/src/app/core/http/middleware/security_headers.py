"""Adds security headers to responses, and removes `Content-Type` from 204 responses."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message

from app.core.http.middleware.observer import Exchange, ObserverMiddleware

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


class SecurityHeadersMiddleware(ObserverMiddleware):
    """Adds the security headers that a response lacks; the documentation pages set their own."""

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        super().__init__(app)
        self._headers = (
            (*SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY) if https_only else SECURITY_HEADERS
        )
        self._names = frozenset(name for name, _ in self._headers)

    def on_response(self, exchange: Exchange, message: Message) -> None:
        headers = list(message.get("headers", ()))
        given = {name.lower() for name, _ in headers}
        if given.isdisjoint(self._names):
            headers += self._headers
        else:
            headers += [header for header in self._headers if header[0] not in given]
        if exchange.status == HTTPStatus.NO_CONTENT:
            # A 204 has no content that the header could describe (RFC 9110 8.3).
            headers = [each for each in headers if each[0].lower() != b"content-type"]
        message["headers"] = headers
