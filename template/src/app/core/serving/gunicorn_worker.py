"""What gunicorn starts: workers on the fast loop and parser, and how they leave."""

import asyncio
import logging
import mmap
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any, ClassVar

from gunicorn.arbiter import Arbiter
from uvicorn import Config, Server
from uvicorn_worker import UvicornWorker

from app.core.serving.protocol import BoundedProtocol

# How much sooner than gunicorn kills a worker stops waiting for requests: the lifespan's end runs.
LIFESPAN_SECONDS = 5
TICK_SECONDS = 0.1
CLOSE = (b"connection", b"close")

# An address of TCP, or a socket that systemd or a supervisor has opened.
ADDRESS = re.compile(r"(?:tcp://)?(?:\[[0-9a-f:.]+\]|[\w.-]*):(?P<port>\d{1,5})|fd://\d+", re.I)
MAX_PORT = 65_535
# The log and the rate limits would take all clients of a Unix socket for one.
ONLY_TCP = (
    "BIND must be addresses of TCP, such as 0.0.0.0:8000 or [::]:8000:"
    " on a Unix socket, clients have no address."
)

# Up to which age workers make room for others; in memory that those forked before see, too.
_replaced = mmap.mmap(-1, 8)


class DrainingServer(Server):
    """Goes on for a while after it was told to leave: whoever sends requests learns of it late.

    Meanwhile every answer asks the client to connect anew, so that the end meets nobody.
    """

    def __init__(
        self,
        config: Config,
        seconds: float,
        *,
        on_enough: Callable[[], None],
        on_stop: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._seconds = seconds
        self._on_enough = on_enough
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave; at once where somebody waits at a terminal."""
        if sig != signal.SIGTERM:
            self._seconds = 0
        super().handle_exit(sig, frame)

    async def main_loop(self) -> None:
        """Serve until told to stop, and say when enough requests are served; then drain."""
        await super().main_loop()
        if not self.should_exit:
            self._on_enough()
            self.limit_max_requests = None
            await super().main_loop()
        self._on_stop()
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
    with suppress(OSError):  # there is none any more
        while True:
            yield listener.accept()[0]


class GunicornWorker(UvicornWorker):  # type: ignore[misc] # it ships no types
    """A uvicorn worker on the fast loop and parser, whose lines are formatted as all others."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": BoundedProtocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
    }
    # How long to serve on after SIGTERM. gunicorn.conf.py sets it.
    drain_seconds: ClassVar[float] = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(*args, **kwargs)
        logging.getLogger("uvicorn.error").propagate = True

    async def _serve(self) -> None:
        """Serve as uvicorn's own worker does, but drain; and heed SIGQUIT, which that one drops."""
        self.config.app = self.wsgi
        self.config.timeout_graceful_shutdown = (
            self.cfg.graceful_timeout - self.drain_seconds - LIFESPAN_SECONDS
        )
        server = DrainingServer(
            self.config, self.drain_seconds, on_enough=self._ask_for_others, on_stop=self._stop
        )
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGQUIT, server.handle_exit, signal.SIGQUIT, None)
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def _ask_for_others(self) -> None:
        """Have all workers replaced: if this one left alone, another would start only then."""
        if not self._is_replaced:
            os.kill(self.ppid, signal.SIGHUP)

    def _stop(self) -> None:
        """Be ready no more, unless others take over: then the service as a whole stays so."""
        if not self._is_replaced:
            self.wsgi.state.resources.stopping.set()

    @property
    def _is_replaced(self) -> bool:
        return bool(self.age <= int.from_bytes(_replaced[:]))


def refuse_taken_addresses(arbiter: Arbiter) -> None:
    """End the process with one sentence where BIND cannot be used: gunicorn writes 12 lines."""
    if arbiter.master_pid or "LISTEN_FDS" in os.environ:  # the sockets are open already
        return
    for host, port in (each for each in arbiter.cfg.address if isinstance(each, tuple)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if arbiter.cfg.reuse_port:
                candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            try:
                candidate.bind((host, port))
            except OSError as error:
                reason = f"BIND {host}:{port} cannot be used: {error.strerror}. Set another."
                raise SystemExit(reason) from None
    for number in (each for each in arbiter.cfg.address if isinstance(each, int)):
        try:
            socket.socket(fileno=os.dup(number)).close()
        except OSError as error:
            raise SystemExit(f"BIND fd://{number} cannot be used: {error.strerror}.") from None


def on_reload(arbiter: Arbiter) -> None:
    """Note who is replaced, as gunicorn begins to: any other SIGTERM is the end of the service."""
    _replaced[:] = arbiter.worker_age.to_bytes(len(_replaced))


def listen_addresses(bind: str) -> list[str]:
    """Return the addresses in BIND, or end the process with one sentence."""
    addresses = [address.strip() for address in bind.split(",")]
    for address in addresses:
        match = ADDRESS.fullmatch(address)
        if match is None or int(match["port"] or 0) > MAX_PORT:
            raise SystemExit(ONLY_TCP)
    return addresses


def refuse_unix_sockets(arbiter: Arbiter) -> None:
    """End the process with one sentence where it was given a Unix socket, as systemd may."""
    if any(listener.family == socket.AF_UNIX for listener in arbiter.LISTENERS):
        raise SystemExit(ONLY_TCP)
