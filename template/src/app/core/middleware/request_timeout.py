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
        budget = _Budget(self._seconds)

        async def receive_and_note() -> Message:
            nonlocal lacks_body, waits_for_body
            waits_for_body = lacks_body
            message = await receive()
            lacks_body, waits_for_body = message.get("more_body", False), False
            return message

        async def send_and_stop_the_clock(message: Message) -> None:
            nonlocal has_started
            has_started = True
            budget.stop()
            await send(message)

        try:
            await self._app(scope, receive_and_note, send_and_stop_the_clock)
        except asyncio.CancelledError:
            if not budget.is_why():
                raise
            if has_started:
                raise TimeoutError from None
            refuse = _too_slow if waits_for_body else _too_long
            await refuse(Request(scope))(scope, receive, send)
        finally:
            budget.close()


class _Budget:
    """Cancels the task that makes it when its time is over, unless stopped before.

    `asyncio.timeout` does the same, and takes ten times as long. Not anyio's, which would cancel
    the rollback, too.
    """

    def __init__(self, seconds: float) -> None:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._expire)
        self._is_over = False

    def stop(self) -> None:
        """Let it take its time from here on."""
        self._timer.cancel()

    def is_why(self) -> bool:
        """Tell whether the task was cancelled for this, and for nothing else."""
        return self._is_over and self._task is not None and self._task.cancelling() == 1

    def close(self) -> None:
        """Stop, and take back what was done, heeded or not."""
        self.stop()
        if self._is_over and self._task is not None:
            self._task.uncancel()

    def _expire(self) -> None:
        self._is_over = True
        if self._task is not None:
            self._task.cancel()


def _too_slow(request: Request) -> Response:
    detail = "The body did not come in time."
    # The rest of it may still come, and is no next request (RFC 9110 15.5.9).
    return problem(request, HTTPStatus.REQUEST_TIMEOUT, detail, headers={"Connection": "close"})


def _too_long(request: Request) -> Response:
    detail = "This takes too long at the moment."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)
