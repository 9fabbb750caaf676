"""Who serves a folder and who uses it: locks that the kernel drops when their process ends."""

import fcntl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dev.errors import ServerError

# Longer than a server takes to be made, started or stopped.
WAIT_SECONDS = 120


def use(folder: Path) -> IO[str]:
    """Become one of those who use `folder`, once no server is stopping there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    users = (folder / "users.lock").open("a")
    fcntl.flock(users, fcntl.LOCK_SH)
    return users


def is_last(users: IO[str]) -> bool:
    """Tell whether nobody else uses the folder."""
    return not users.closed and lock_at_once(users)


@dataclass(frozen=True)
class Claim:
    """The right to serve a folder. Both files are open from the start: the folder may vanish."""

    server: IO[str]
    users: IO[str]

    def publish(self, port: int) -> None:
        """Tell the others who come to serve the folder that its server is ready."""
        self.server.write(f"{port}\n")
        self.server.flush()

    def retract(self) -> None:
        """Make those who come wait until the claim is given up."""
        self.server.truncate(0)

    def wait_until_unused(self) -> None:
        """Wait for the last user to leave, and let in none after that."""
        fcntl.flock(self.users, fcntl.LOCK_EX)


def claim(folder: Path) -> Claim | int:
    """Claim the folder, or return the port of the server that is already there.

    Raise `ServerError` if a process holds the claim and serves nothing: its supervisor was killed
    before the server was ready.
    """
    server = (folder / "server.lock").open("a+")
    deadline = time.monotonic() + WAIT_SECONDS
    while not lock_at_once(server):
        server.seek(0)
        if port := server.read():
            return int(port)
        if time.monotonic() > deadline:
            server.close()
            raise ServerError(f"A process that serves nothing holds {server.name}: end it first.")
        time.sleep(0.02)  # it is starting, or stopping
    server.truncate(0)
    return Claim(server, (folder / "users.lock").open("a"))


def lock_at_once(file: IO[str]) -> bool:
    """Have a file for oneself; tell whether that went without waiting."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
