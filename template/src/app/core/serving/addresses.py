"""The addresses that the server listens on."""

import os
import re
import socket
from collections.abc import Sequence
from typing import Any

# A TCP address, or a socket that systemd or a supervisor has opened.
ADDRESS = re.compile(r"(?:tcp://)?(?:\[[0-9a-f:.]+\]|[\w.-]*):(?P<port>\d{1,5})|fd://\d+", re.I)
MAX_PORT = 65_535
# Logs and rate limits would treat all clients of a Unix socket as one.
ONLY_TCP = (
    "BIND must name TCP addresses, such as 0.0.0.0:8000 or [::]:8000."
    " Clients of a Unix socket have no address."
)


def refuse_shared_port(addresses: Sequence[str], metrics_port: int) -> None:
    """Exit with a one-line error if BIND and METRICS_PORT name the same port."""
    if metrics_port and any(each.rpartition(":")[2] == str(metrics_port) for each in addresses):
        raise SystemExit(f"METRICS_PORT {metrics_port} is also in BIND. Set another port.")


def listen_addresses(bind: str) -> list[str]:
    """Return the addresses in BIND; exit with a one-line error if one is invalid."""
    addresses = [address.strip() for address in bind.split(",")]
    for address in addresses:
        match = ADDRESS.fullmatch(address)
        if match is None or int(match["port"] or 0) > MAX_PORT:
            raise SystemExit(ONLY_TCP)
    return addresses


def refuse_unix_sockets(arbiter: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Exit with a one-line error if gunicorn listens on a Unix socket, such as one from systemd."""
    if any(listener.family == socket.AF_UNIX for listener in arbiter.LISTENERS):
        raise SystemExit(ONLY_TCP)


def refuse_taken_addresses(arbiter: Any) -> None:  # noqa: ANN401
    """Exit with a one-line error if BIND cannot be used; gunicorn would write 12 lines."""
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
                reason = f"BIND {host}:{port} cannot be used: {error.strerror}. Set a free address."
                raise SystemExit(reason) from None
    for number in (each for each in arbiter.cfg.address if isinstance(each, int)):
        try:
            socket.socket(fileno=os.dup(number)).close()
        except OSError as error:
            raise SystemExit(f"BIND fd://{number} cannot be used: {error.strerror}.") from None
