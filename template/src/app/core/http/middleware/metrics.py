"""Measures every request."""

from http import HTTPStatus
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.observability.metrics import Metrics

# The label for all unknown paths. If each path had its own label, clients could create an unlimited
# number of time series.
UNMATCHED = "unmatched"


class MetricsMiddleware:
    """Counts and times requests by the path of their route, such as `/users/{user_id}`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # FastAPI stores the matched route in this dictionary, which copies of the scope share.
        fastapi = scope.setdefault("fastapi", {})
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        started = perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.requests_in_progress.inc()
        try:
            await self._app(scope, receive, send_and_note)
        finally:
            self._metrics.requests_in_progress.dec()
            # `route` is set for routes that belong to the application directly, as most do.
            matched = fastapi.get("effective_route_context") or scope.get("route")
            route = getattr(matched, "path", UNMATCHED)
            elapsed = perf_counter() - started
            self._metrics.count_request(scope["method"], route, int(status), elapsed)
