"""Which request it is."""

import re
from secrets import token_hex

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.core.observability.telemetry import trace_ids

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestContextMiddleware:
    """Gives each request an id: in its answer, its log lines and its problems (ASVS 16.2.1).

    The trace that a caller began goes on in the log lines and in calls to others. What is put into
    `response_headers` of its state goes with any answer, an error too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope)
        request_id = _request_id(sent.get("x-request-id", ""))
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        headers = state["response_headers"] = {"X-Request-ID": request_id}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
                # Beside the endpoint's own: a `Link` of its stays.
                message["headers"] = [*message.get("headers", ()), *ours]
            await send(message)

        # Anew for each request: what is bound later, such as the user, is this request's alone.
        clear_contextvars()
        bind_contextvars(
            request_id=request_id, client=(scope.get("client") or [None])[0], **trace_ids(sent)
        )
        await self._app(scope, receive, send_with_headers)


def _request_id(sent: str) -> str:
    """Take over the client's id only if no log or header can be broken by it (ASVS 16.4.1)."""
    return sent if REQUEST_ID.fullmatch(sent) else token_hex(16)
