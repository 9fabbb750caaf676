"""Measures every request."""

from starlette.types import ASGIApp

from app.core.http.middleware.observer import Exchange, ObserverMiddleware
from app.core.observability.metrics import Metrics

# The label for all unknown paths. If each path had its own label, clients could create an unlimited
# number of time series.
UNMATCHED = "unmatched"


class MetricsMiddleware(ObserverMiddleware):
    """Counts and times requests by the path of their route, such as `/users/{user_id}`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        super().__init__(app)
        self._metrics = metrics

    def on_request(self, exchange: Exchange) -> None:
        # FastAPI stores the matched route in this dictionary, which copies of the scope share.
        exchange.scope.setdefault("fastapi", {})
        self._metrics.requests_in_progress.inc()

    def on_end(self, exchange: Exchange) -> None:
        self._metrics.requests_in_progress.dec()
        scope = exchange.scope
        # `route` is set for routes that belong to the application directly, not to a router.
        matched = scope["fastapi"].get("effective_route_context") or scope.get("route")
        route = getattr(matched, "path", UNMATCHED)
        self._metrics.count_request(scope["method"], route, exchange.status, exchange.seconds)
