"""Limits the duration of requests."""

import asyncio
from http import HTTPStatus
from typing import cast

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.problems import problem

# Clients should retry after this time, because a temporary cause may be over by then.
RETRY_AFTER_SECONDS = 5


class RequestTimeoutMiddleware:
    """Ends requests that take too long, with 408 while the body arrives, else 503 (ASVS 15.2.2).

    The transaction is rolled back, as after any error. A response that has started has no time
    limit.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        timed = _Timed(receive, send, self._seconds)
        try:
            await self._app(scope, timed.receive, timed.send)
        except asyncio.CancelledError:
            if not timed.has_expired():
                raise
            if timed.has_started:
                raise TimeoutError from None
            refuse = _body_timeout if timed.waits_for_body else _request_timeout
            await refuse(Request(scope))(scope, receive, send)
        finally:
            timed.close()


class _Timed:
    """Cancels the task that created this object after `seconds`, unless a response has started.

    `asyncio.timeout` has ten times the overhead, and anyio's timeout would also cancel the
    rollback.
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
        """Receive a message, and record whether the body is complete."""
        self.waits_for_body = self._lacks_body
        message = await self._receive()
        self._lacks_body, self.waits_for_body = message.get("more_body", False), False
        return message

    async def send(self, message: Message) -> None:
        """Send a message; the first one stops the timer."""
        if not self.has_started:
            self.has_started = True
            self._timer.cancel()
        await self._send(message)

    def has_expired(self) -> bool:
        """Return whether the timer, and no other code, has cancelled the task."""
        return self._is_over and self._task.cancelling() == self._cancelled_before + 1

    def close(self) -> None:
        """Stop the timer, and undo its cancellation of the task, if any."""
        self._timer.cancel()
        if self._is_over:
            self._task.uncancel()

    def _expire(self) -> None:
        self._is_over = True
        self._task.cancel()


def _body_timeout(request: Request) -> Response:
    detail = "The body did not arrive in time. Send it faster or make it smaller."
    # The rest of the body may still arrive, and must not be parsed as a request (RFC 9110 15.5.9).
    return problem(request, HTTPStatus.REQUEST_TIMEOUT, detail, headers={"Connection": "close"})


def _request_timeout(request: Request) -> Response:
    detail = "The request took too long. Try again later."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)
