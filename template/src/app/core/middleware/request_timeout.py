"""How long a request may take."""

import asyncio
from http import HTTPStatus

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem

# For when the caller may try again: what took so long may be over then.
RETRY_AFTER_SECONDS = 5


class RequestTimeoutMiddleware:
    """Ends what is not answered in time: 408 where the body did not come, else 503 (ASVS 15.2.2).

    What was open is rolled back, as after any error. An answer that has begun may take its time.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        lacks_body, waits_for_body, has_started = True, False, False

        async def receive_and_note() -> Message:
            nonlocal lacks_body, waits_for_body
            waits_for_body = lacks_body
            message = await receive()
            lacks_body, waits_for_body = message.get("more_body", False), False
            return message

        async def send_and_stop_the_clock(message: Message) -> None:
            nonlocal has_started
            has_started = True
            if not budget.expired():
                budget.reschedule(None)
            await send(message)

        try:
            # Not anyio's, which would cancel the rollback, too.
            async with asyncio.timeout(self._seconds) as budget:
                await self._app(scope, receive_and_note, send_and_stop_the_clock)
        except TimeoutError:
            if has_started or not budget.expired():
                raise
            refuse = _too_slow if waits_for_body else _too_long
            await refuse(Request(scope))(scope, receive, send)


def _too_slow(request: Request) -> Response:
    detail = "The body did not come in time."
    # The rest of it may still come, and is no next request (RFC 9110 15.5.9).
    return problem(request, HTTPStatus.REQUEST_TIMEOUT, detail, headers={"Connection": "close"})


def _too_long(request: Request) -> Response:
    detail = "This takes too long at the moment."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)
