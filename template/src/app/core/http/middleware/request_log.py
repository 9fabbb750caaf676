"""Logs every request."""

import structlog

from app.core.http.middleware.observer import Exchange, ObserverMiddleware

logger = structlog.get_logger(__package__)  # stays the same if this file moves


class RequestLogMiddleware(ObserverMiddleware):
    """Logs one line per request, without the query, headers and body: they may contain secrets."""

    def on_end(self, exchange: Exchange) -> None:
        logger.info(
            "request",
            method=exchange.scope["method"],
            path=exchange.path,
            status=exchange.status,
            duration_ms=round(exchange.seconds * 1000, 2),
        )
