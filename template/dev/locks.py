"""File locks of a server and of the processes that use it; the kernel releases them at exit."""

import fcntl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dev.errors import ServerError

# Longer than the creation, start or stop of a server takes.
WAIT_SECONDS = 120


def use(folder: Path) -> IO[str]:
    """Take a shared lock as a process that uses `folder`; wait while its server stops."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    users = (folder / "users.lock").open("a")
    fcntl.flock(users, fcntl.LOCK_SH)
    return users


def is_last(users: IO[str]) -> bool:
    """Return whether no other process uses the folder, and block new processes if so."""
    return not users.closed and lock_at_once(users)


@dataclass(frozen=True)
class Claim:
    """The right to run a folder's server. The lock files stay open even if they are deleted."""

    server: IO[str]
    users: IO[str]

    def publish(self, port: int) -> None:
        """Write the port, which tells other processes that the server is ready."""
        self.server.write(f"{port}\n")
        self.server.flush()

    def retract(self) -> None:
        """Remove the port, so that other processes wait until the claim is released."""
        self.server.truncate(0)

    def wait_until_unused(self) -> None:
        """Wait until no process uses the folder, and block new processes."""
        fcntl.flock(self.users, fcntl.LOCK_EX)


def claim(folder: Path) -> Claim | int:
    """Return a claim to the folder, or the port of the server that already runs there.

    Raise `ServerError` if another process holds the claim but publishes no port in time. This
    happens if the supervisor was killed before the server was ready.
    """
    server = (folder / "server.lock").open("a+")
    deadline = time.monotonic() + WAIT_SECONDS
    while not lock_at_once(server):
        server.seek(0)
        if port := server.read():
            return int(port)
        if time.monotonic() > deadline:
            server.close()
            raise ServerError(f"A process holds {server.name} but serves nothing: end it first.")
        time.sleep(0.02)  # the server is starting or stopping
    server.truncate(0)
    return Claim(server, (folder / "users.lock").open("a"))


def lock_at_once(file: IO[str]) -> bool:
    """Try to take an exclusive lock, without waiting; return whether it was taken."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
