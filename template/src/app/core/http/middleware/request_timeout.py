"""How long a request may take."""

import asyncio
from http import HTTPStatus
from typing import cast

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.problems import problem

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
        timed = _Timed(receive, send, self._seconds)
        try:
            await self._app(scope, timed.receive, timed.send)
        except asyncio.CancelledError:
            if not timed.is_why():
                raise
            if timed.has_started:
                raise TimeoutError from None
            refuse = _too_slow if timed.waits_for_body else _too_long
            await refuse(Request(scope))(scope, receive, send)
        finally:
            timed.close()


class _Timed:
    """Cancels the task that makes it when its time is over, unless an answer has begun.

    `asyncio.timeout` takes ten times as long for it. Not anyio's, which would cancel the rollback,
    too.
    """

    def __init__(self, receive: Receive, send: Send, seconds: float) -> None:
        self._receive, self._send = receive, send
        self._task = cast("asyncio.Task[object]", asyncio.current_task())
        self._cancelled_before = self._task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._expire)
        self._is_over = False
        self._lacks_body = True
        self.waits_for_body = False
        self.has_started = False

    async def receive(self) -> Message:
        """Receive, and note whether more is to come."""
        self.waits_for_body = self._lacks_body
        message = await self._receive()
        self._lacks_body, self.waits_for_body = message.get("more_body", False), False
        return message

    async def send(self, message: Message) -> None:
        """Send; what has begun may take its time."""
        self.has_started = True
        self._timer.cancel()
        await self._send(message)

    def is_why(self) -> bool:
        """Tell whether the task was cancelled for this, and for nothing else."""
        return self._is_over and self._task.cancelling() == self._cancelled_before + 1

    def close(self) -> None:
        """Stop, and take back what was done, heeded or not."""
        self._timer.cancel()
        if self._is_over:
            self._task.uncancel()

    def _expire(self) -> None:
        self._is_over = True
        self._task.cancel()


def _too_slow(request: Request) -> Response:
    detail = "The body did not come in time."
    # The rest of it may still come, and is no next request (RFC 9110 15.5.9).
    return problem(request, HTTPStatus.REQUEST_TIMEOUT, detail, headers={"Connection": "close"})


def _too_long(request: Request) -> Response:
    detail = "This takes too long at the moment."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)
