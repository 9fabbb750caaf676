"""Gives every request an id and a log context."""

import re
from secrets import token_hex

from starlette.types import Message
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.core.http.middleware.observer import Exchange, ObserverMiddleware
from app.core.observability.telemetry import trace_ids

# The headers that identify a request and its trace (W3C Trace Context).
HEADERS = {name.encode(): name for name in ("x-request-id", "traceparent", "tracestate")}
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestContextMiddleware(ObserverMiddleware):
    """Gives each request an id, for its response, log lines and problems (ASVS 16.2.1).

    Continues the trace of the caller in log lines and in calls to other services. Headers in
    `request.state.response_headers` are added to the response, even to an error.
    """

    def on_request(self, exchange: Exchange) -> None:
        scope = exchange.scope
        # Of a repeated header, the first value counts.
        sent = {
            HEADERS[name]: value.decode("latin-1")
            for name, value in reversed(scope["headers"])
            if name in HEADERS
        }
        request_id = _request_id(sent.get("x-request-id", ""))
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["response_headers"] = {"X-Request-ID": request_id}
        # The context may contain values of an earlier request.
        clear_contextvars()
        bind_contextvars(
            request_id=request_id, client=(scope.get("client") or [None])[0], **trace_ids(sent)
        )

    def on_response(self, exchange: Exchange, message: Message) -> None:
        headers: dict[str, str] = exchange.scope["state"]["response_headers"]
        ours = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        # Do not replace a header, because the endpoint may have set its own `Link`.
        message["headers"] = [*message.get("headers", ()), *ours]


def _request_id(sent: str) -> str:
    """Return the client's id if it is safe in headers and logs, else a new one (ASVS 16.4.1)."""
    return sent if REQUEST_ID.fullmatch(sent) else token_hex(16)
