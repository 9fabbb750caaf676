"""Waits for servers, and finds ports for them."""

import socket
import time
from collections.abc import Callable

from dev.errors import ServerError

PATIENCE_SECONDS = 60


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> float:
    """Return the seconds until a condition is true; raise `ServerError` after a time limit."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() > began + seconds:
            raise ServerError(f"{what} within {seconds:.0f} seconds.")
        time.sleep(0.05)
    return time.monotonic() - began


def free_port() -> int:
    """Return a port of the loopback address on which no server listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
