"""A load generator: connections that each send a request as soon as the last one was answered.

One process is enough: it takes about 60 us of CPU time a request, and a service much more.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httptools
import uvloop

HOST = "127.0.0.1"
GIVE_UP_SECONDS = 20
# Returns the bytes of the next request.
NextRequest = Callable[[], bytes]


@dataclass
class Sample:
    """The answers of a load: seconds that each took, in the order of their ends, and statuses."""

    seconds: float = 0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0  # requests whose connection was closed before their answer

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """Return a percentile of the latencies in milliseconds, or 0 without any answer."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[len(ordered) * percent // 100] if ordered else 0

    @property
    def failed(self) -> int:
        """The number of requests without a status of success."""
        successes = range(200, 300)
        return self.lost + sum(n for status, n in self.statuses.items() if status not in successes)


class _Connection(asyncio.Protocol):
    """Sends requests over one connection until it is told to stop."""

    def __init__(self, next_request: NextRequest, sample: Sample) -> None:
        self._next_request = next_request
        self._sample = sample
        self._parser = httptools.HttpResponseParser(self)
        self._is_stopping = False
        self._is_waiting = False
        self._began = 0.0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._is_waiting = True
        self._began = time.perf_counter()
        self._transport.write(self._next_request())  # type: ignore[attr-defined] # a socket

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Record an answer, and send the next request."""
        self._is_waiting = False
        self._sample.latencies.append(time.perf_counter() - self._began)
        self._sample.statuses[self._parser.get_status_code()] += 1
        if self._is_stopping or not self._parser.should_keep_alive():
            self._transport.close()
        else:
            self._send()

    def stop(self) -> None:
        """Close the connection after the answer of the last request."""
        self._is_stopping = True
        if not self._is_waiting:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self._sample.lost += self._is_waiting
        self.closed.set_result(None)


def load(port: int, next_request: NextRequest, connections: int, seconds: float) -> Sample:
    """Load a server on the loopback address; raise `OSError` if it does not answer."""
    return uvloop.run(_load(port, next_request, connections, seconds))


async def _load(port: int, next_request: NextRequest, connections: int, seconds: float) -> Sample:
    sample, loop = Sample(), asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(next_request, sample), HOST, port)
        for _ in range(connections)
    ]
    everything = [connection.closed for _, connection in opened]
    await asyncio.wait(everything, timeout=seconds)
    for _, connection in opened:
        connection.stop()
    await asyncio.wait(everything, timeout=GIVE_UP_SECONDS)
    sample.seconds = time.perf_counter() - began
    for transport, _ in opened:
        transport.abort()
    return sample
