"""The worker class for gunicorn: uvicorn that limits requests, and drains before it stops."""

import asyncio
import logging
import mmap
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any, ClassVar

from gunicorn.arbiter import Arbiter
from uvicorn import Config, Server
from uvicorn_worker import UvicornWorker

from app.core.serving.addresses import (
    listen_addresses,
    refuse_taken_addresses,
    refuse_unix_sockets,
)
from app.core.serving.forwarded import accept_only_addresses
from app.core.serving.protocol import BoundedProtocol

# gunicorn.conf.py calls the functions for addresses in this module.
__all__ = ["listen_addresses", "refuse_taken_addresses", "refuse_unix_sockets"]

# The time reserved for the shutdown code of the lifespan: the worker stops waiting for requests
# this many seconds before gunicorn kills it.
LIFESPAN_SECONDS = 5
TICK_SECONDS = 0.1
# The time between two checks of a worker that gunicorn's main process still exists.
PARENT_SECONDS = 1
CLOSE = (b"connection", b"close")

# The highest serial number (`age` in gunicorn) of the workers being replaced, in shared memory.
_replaced = mmap.mmap(-1, 8)


class DrainingServer(Server):
    """Keeps serving for `seconds` after SIGTERM, because load balancers notice the stop late.

    During that time, every response tells the client to close the connection, so that the client
    sends no request on a connection that is about to close.
    """

    def __init__(
        self,
        config: Config,
        seconds: float,
        *,
        on_max_requests: Callable[[], None],
        on_stop: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._seconds = seconds
        self._on_max_requests = on_max_requests
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, and drain only after SIGTERM. A person at a terminal sends the other signals."""
        if sig != signal.SIGTERM:
            self._seconds = 0
        super().handle_exit(sig, frame)

    async def main_loop(self) -> None:
        """Serve until a signal stops the worker, then drain.

        When `max_requests` is reached, report it and continue.
        """
        await super().main_loop()
        if not self.should_exit:
            self._on_max_requests()
            self.limit_max_requests = None
            await super().main_loop()
        self._on_stop()
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers.append(CLOSE)  # for requests that are in progress
        until, ticks = time.monotonic(), 0
        while time.monotonic() < until + self._seconds:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            await self.on_tick(ticks)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept the backlog, then shut down: closing the sockets would reset these connections."""
        waiting = [connection for listener in sockets or () for connection in _accept_all(listener)]
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        for connection in waiting:
            await loop.connect_accepted_socket(self._protocol, connection)
        await super().shutdown(sockets)

    def _protocol(self) -> BoundedProtocol:
        return BoundedProtocol(self.config, self.server_state, self.lifespan.state)


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    """Yield every connection in the backlog."""
    with suppress(OSError):  # the backlog is empty
        while True:
            yield listener.accept()[0]


class GunicornWorker(UvicornWorker):  # type: ignore[misc] # the package ships no types
    """A uvicorn worker that uses uvloop and httptools, and logs in the format of the service."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": BoundedProtocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
    }
    # How long to keep serving after SIGTERM. gunicorn.conf.py sets it.
    drain_seconds: ClassVar[float] = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as in gunicorn
        super().__init__(*args, **kwargs)
        logging.getLogger("uvicorn.error").propagate = True

    async def _serve(self) -> None:
        """Serve like the base class, but drain, and handle SIGQUIT, which uvicorn does not."""
        self.config.app = self.wsgi
        accept_only_addresses(self.config)
        self.config.timeout_graceful_shutdown = (
            self.cfg.graceful_timeout - self.drain_seconds - LIFESPAN_SECONDS
        )
        server = DrainingServer(
            self.config,
            self.drain_seconds,
            on_max_requests=self._request_replacement,
            on_stop=self._stop,
        )
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGQUIT, server.handle_exit, signal.SIGQUIT, None)
        threading.Thread(target=self._end_with_gunicorn, daemon=True).start()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def _end_with_gunicorn(self) -> None:
        """Stop if gunicorn's main process has been killed, even if the event loop is blocked."""
        while os.getppid() == self.ppid:
            time.sleep(PARENT_SECONDS)
        os.kill(os.getpid(), signal.SIGQUIT)
        time.sleep(self.cfg.graceful_timeout)
        os._exit(1)

    def _request_replacement(self) -> None:
        """Ask gunicorn to replace all workers; this one serves until the new ones have started."""
        if not self._is_replaced:
            os.kill(self.ppid, signal.SIGHUP)

    def _stop(self) -> None:
        """Make `/ready` report that the service is stopping, unless new workers take over."""
        if not self._is_replaced:
            self.wsgi.state.resources.stopping.set()

    @property
    def _is_replaced(self) -> bool:
        return bool(self.age <= int.from_bytes(_replaced[:]))


def on_reload(arbiter: Arbiter) -> None:
    """Mark the current workers as being replaced: SIGTERM then leaves `/ready` unchanged."""
    _replaced[:] = arbiter.worker_age.to_bytes(len(_replaced))
