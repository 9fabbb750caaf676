"""Gives every request an id and a log context."""

import re
from secrets import token_hex

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.core.observability.telemetry import trace_ids

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestContextMiddleware:
    """Gives each request an id, for its response, log lines and problems (ASVS 16.2.1).

    Continues the trace of the caller in log lines and in calls to other services. Headers in
    `request.state.response_headers` are added to the response, even to an error.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
                # Do not replace a header, because the endpoint may have set its own `Link`.
                message["headers"] = [*message.get("headers", ()), *ours]
            await send(message)

        # The context may contain values of an earlier request.
        clear_contextvars()
        bind_contextvars(
            request_id=request_id, client=(scope.get("client") or [None])[0], **trace_ids(sent)
        )
        await self._app(scope, receive, send_with_headers)


def _request_id(sent: str) -> str:
    """Return the client's id if it is safe in headers and logs, else a new one (ASVS 16.4.1)."""
    return sent if REQUEST_ID.fullmatch(sent) else token_hex(16)
