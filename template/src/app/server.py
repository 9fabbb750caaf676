"""What gunicorn needs to know: its workers, how many of them, and how they leave."""

import asyncio
import logging
import mmap
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from fastapi import FastAPI
from gunicorn.arbiter import Arbiter
from uvicorn import Config, Server
from uvicorn_worker import UvicornWorker

from app.protocol import BoundedProtocol

# How much sooner than gunicorn kills a worker stops waiting for requests: the lifespan's end runs.
LIFESPAN_SECONDS = 5
CGROUP = Path("/sys/fs/cgroup")
TICK_SECONDS = 0.1
CLOSE = (b"connection", b"close")

# Up to which age workers make room for others; in memory that those forked before see, too.
_replaced = mmap.mmap(-1, 8)


class DrainingServer(Server):
    """Goes on for a while after it was told to leave: whoever sends requests learns of it late.

    Meanwhile every answer asks the client to connect anew, so that the end meets nobody.
    """

    def __init__(self, config: Config, seconds: float, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._seconds = seconds
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave; at once where somebody waits at a terminal."""
        if sig != signal.SIGTERM:
            self._seconds = 0
        super().handle_exit(sig, frame)

    async def main_loop(self) -> None:
        """Serve until told to stop, or until enough requests are served; then drain."""
        await super().main_loop()
        if self.should_exit:
            self._on_stop()
        self.should_exit = True
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers.append(CLOSE)  # of those that are being answered
        until, ticks = time.monotonic(), 0
        while time.monotonic() < until + self._seconds:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            await self.on_tick(ticks)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in who has connected so far, whom closing the sockets would turn away unheard."""
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
    """Yield every connection that waits to be accepted."""
    with suppress(BlockingIOError):
        while True:
            yield listener.accept()[0]


class Worker(UvicornWorker):  # type: ignore[misc] # it ships no types
    """A uvicorn worker on the fast loop and parser, whose lines are formatted as all others."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": BoundedProtocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(*args, **kwargs)
        logging.getLogger("uvicorn.error").propagate = True

    async def _serve(self) -> None:
        """Serve as uvicorn's own worker does, but drain; and heed SIGQUIT, which that one drops."""
        app: FastAPI = self.wsgi
        seconds = app.state.settings.drain_period
        self.config.app = app
        self.config.timeout_graceful_shutdown = (
            self.cfg.graceful_timeout - seconds - LIFESPAN_SECONDS
        )
        server = DrainingServer(self.config, seconds, self._stop)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGQUIT, server.handle_exit, signal.SIGQUIT, None)
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def _stop(self) -> None:
        """Be ready no more, unless others take over: then the service as a whole stays so."""
        self.wsgi.state.is_stopping = self.age > int.from_bytes(_replaced[:])


def on_reload(arbiter: Arbiter) -> None:
    """Note who is replaced, as gunicorn begins to: any other SIGTERM is the end of the service."""
    _replaced[:] = arbiter.worker_age.to_bytes(len(_replaced))


def workers(environ: Mapping[str, str] = os.environ) -> int:
    """Return what WEB_CONCURRENCY says, else `default_workers`."""
    chosen = environ.get("WEB_CONCURRENCY") or str(default_workers())
    if not chosen.isdecimal() or int(chosen) == 0:
        raise SystemExit("WEB_CONCURRENCY must be a number of processes, such as 2.")
    return int(chosen)


def default_workers(cgroup: Path = CGROUP) -> int:
    """Return as many workers as the process may use cores: of its container, not of the host."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _quota(cgroup) or cores or 1))


def _quota(cgroup: Path) -> int | None:
    """Return how many whole cores a container may use at once, or None if nothing limits it."""
    quota, period = _read_quota(cgroup)
    return max(1, int(quota) // int(period)) if quota.isdecimal() and period.isdecimal() else None


def _read_quota(cgroup: Path) -> tuple[str, str]:
    """Read the quota and its period, as version 2 of cgroups keeps them, or version 1."""
    with suppress(OSError, ValueError):
        quota, period = (cgroup / "cpu.max").read_text().split()
        return quota, period
    with suppress(OSError):
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        quota, period = ((cgroup / "cpu" / name).read_text().strip() for name in names)
        return quota, period
    return "", ""
