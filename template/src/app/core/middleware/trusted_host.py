"""Under which names the service is called."""

import re
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.problems import problem

PROBES = frozenset({"/health", "/ready"})


class TrustedHostMiddleware:
    """Refuses requests for other hosts than ours; probes come by address (ASVS 4.1.3)."""

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str]) -> None:
        self._app = app
        self._allowed = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in PROBES or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        response = problem(Request(scope), HTTPStatus.BAD_REQUEST, "This host is not served here.")
        await response(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        return len(hosts) == 1 and re.sub(r":\d+$", "", hosts[0]).lower() in self._allowed
