"""The HTTP/1.1 protocol of the workers, which adds limits to uvicorn's."""

from asyncio import BaseTransport, TimerHandle
from collections import deque
from http import HTTPStatus
from select import POLLIN, poll
from typing import Any

from app.core.serving.http1 import Cycle, Http1Protocol
from app.core.serving.refusals import refusal

MAX_TARGET_BYTES = 16_384
MAX_HEAD_BYTES = 32_768
SEPARATOR_BYTES = 4  # per header: a colon, a space and the line ending
# Time limit for the head of a request, and for the rest of a body after the response is complete.
HEAD_SECONDS = 10
# Delay before closing a refused connection. Closing with unread data would discard the response.
LINGER_SECONDS = 1


class BoundedProtocol(Http1Protocol):
    """Limits the size of a request's head and the time to receive it; sends errors as problems.

    uvicorn waits forever for a head, and rejects a malformed one in plain text (RFC 9112 3).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as in uvicorn
        super().__init__(*args, **kwargs)
        self.url = b""
        self._is_refused = False
        self._is_in_head = True
        self._has_begun = False
        self._unread = 0
        self._deadline: TimerHandle | None = None
        self._pipelined: deque[Cycle] = deque()

    def connection_made(self, transport: BaseTransport) -> None:
        """Start the keep-alive timeout at once; uvicorn starts it after the first request."""
        super().connection_made(transport)  # type: ignore[arg-type] # uvicorn expects a subclass
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout, and tell all pipelined requests that the client has disconnected."""
        self._cancel_deadline()
        super().connection_lost(exc)
        for cycle in self._pipelined:
            cycle.disconnected = True
            cycle.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Parse the data, and refuse a head that is too large or too slow.

        After a refusal, ignore all further data.
        """
        if self._is_refused:
            return
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MAX_HEAD_BYTES:
            self._refuse_size()
        elif self._deadline is None and (self._has_begun or self._unread) and self._is_idle():
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse_slowness)

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn always closes
        """Return whether complete requests wait for responses; the connection then stays open."""
        if not self._is_in_head or self._is_idle():
            return False
        self.cycle.keep_alive = False  # close after the last response
        for cycle in (*self._pipelined, self.cycle):
            cycle.is_half_closed = True
            cycle.message_event.set()
        return True

    def shutdown(self) -> None:
        """Close after the current requests; give a new connection one second to send a request."""
        if self.url:
            self._close_unless_asked()
        else:
            self.loop.call_later(LINGER_SECONDS, self._close_unless_asked)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_begun = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header; ignore trailers, which must not be used as headers (RFC 9110 6.5.1)."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is too large."""
        text = sum(len(name) + len(value) for name, value in self.headers)
        size = len(self.url) + text + SEPARATOR_BYTES * len(self.headers)
        if size > MAX_HEAD_BYTES or len(self.url) > MAX_TARGET_BYTES:
            self._refuse_size()
            raise ValueError  # stops the parser
        previous = self.cycle
        super().on_headers_complete()
        if self.cycle is not previous:  # the same if the head of an upgrade request is parsed again
            self.cycle.__class__ = Cycle
        if self.pipeline:
            self._note_pipelined(previous)
        self._is_in_head = False
        self._unread = 0
        self._cancel_deadline()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_in_head = True
        self._has_begun = False
        self._unread = 0
        self._cancel_deadline()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse a malformed request; uvicorn calls this."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _note_pipelined(self, cycle: Cycle) -> None:
        """Store a pipelined request, to notify it when the client disconnects.

        uvicorn notifies only the newest request; others would write to a closed connection.
        """
        while self._pipelined and self._pipelined[0].response_complete:
            self._pipelined.popleft()
        self._pipelined.append(cycle)

    def _refuse_size(self) -> None:
        if len(self.url) > MAX_TARGET_BYTES:
            detail = f"The request target must have at most {MAX_TARGET_BYTES} bytes."
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, detail)
        else:
            detail = f"The headers must have at most {MAX_HEAD_BYTES} bytes."
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)

    def _refuse_slowness(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time.")

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Send one error response, unless another response has started; ignore all further data."""
        if self._is_refused:
            return
        self._is_refused = True
        self._cancel_deadline()
        if self._is_in_head and not self._is_idle():
            self.cycle.keep_alive = False  # close after the last valid request
        elif not self._is_in_head and (self.cycle.response_started or self.pipeline):
            self.transport.close()
        else:
            self._answer(status, detail)

    def _answer(self, status: HTTPStatus, detail: str) -> None:
        begun = None if self._is_in_head else self.cycle.scope
        if begun:  # an operation may be waiting for the rest of the body
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(refusal(self, status, detail, begun))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _close_unless_asked(self) -> None:
        """Close the connection now, or after the response to a request that is arriving."""
        if not self._is_idle():
            super().shutdown()
        elif not (self.transport.is_closing() or self._has_begun or _is_readable(self.transport)):
            self.transport.close()

    def _is_idle(self) -> bool:
        cycle: Cycle | None = self.cycle  # None at first, despite uvicorn's types
        return cycle is None or cycle.response_complete

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _is_readable(transport: BaseTransport) -> bool:
    """Return whether unread data has arrived. Closing would then reset the connection."""
    arrivals = poll()
    arrivals.register(transport.get_extra_info("socket").fileno(), POLLIN)
    return bool(arrivals.poll(0))
