"""Checks the Host header."""

import re
from collections.abc import Awaitable, Collection
from http import HTTPStatus

from fastapi import Request
from starlette._utils import get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.http.problems import problem

PROBES = frozenset({"/health", "/ready"})
# A name or an address, in brackets if it contains colons, with an optional port.
HOST = re.compile(rb"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?", re.IGNORECASE)


class TrustedHostMiddleware:
    """Rejects requests for hosts other than `allowed_hosts`, except health probes (ASVS 4.1.3).

    A repeated or malformed Host header is always rejected; a missing one is rejected except in
    HTTP/1.0 (RFC 9112 3.2).
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(host.lower().encode() for host in allowed_hosts)
        self._allows_all = not allowed_hosts or "*" in allowed_hosts

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or self._is_served(scope):
            return self._app(scope, receive, send)
        detail = "The Host header is missing, invalid or not allowed."
        response = problem(Request(scope), HTTPStatus.BAD_REQUEST, detail)
        return response(scope, receive, send)

    def _is_served(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if not hosts:
            return scope["http_version"] == "1.0" and self._serves_all(scope)
        host = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        return host is not None and (host[1].lower() in self._allowed or self._serves_all(scope))

    def _serves_all(self, scope: Scope) -> bool:
        return self._allows_all or get_route_path(scope) in PROBES
