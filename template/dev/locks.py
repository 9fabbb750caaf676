"""Who serves a folder and who uses it: locks that the kernel drops when their process ends."""

import fcntl
import time
from pathlib import Path
from typing import IO


def use(folder: Path) -> IO[str]:
    """Become one of those who use `folder`, once no server is stopping there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    users = (folder / "users.lock").open("a")
    fcntl.flock(users, fcntl.LOCK_SH)
    return users


def is_last(users: IO[str]) -> bool:
    """Tell whether nobody else uses the folder."""
    if users.closed:
        return False
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_until_unused(folder: Path) -> IO[str]:
    """Wait for the last user to leave; new ones wait until the answer is closed."""
    users = (folder / "users.lock").open("a")
    fcntl.flock(users, fcntl.LOCK_EX)
    return users


def serve(folder: Path) -> tuple[IO[str], int | None]:
    """Become the one who serves `folder`, or learn the port of the one who does."""
    server = (folder / "server.lock").open("a+")
    while True:
        try:
            fcntl.flock(server, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            server.seek(0)
            if port := server.read():
                return server, int(port)
            time.sleep(0.02)  # it is starting
        else:
            server.truncate(0)
            return server, None


def publish(server: IO[str], port: int) -> None:
    """Tell those who come to serve the same folder that its server is ready."""
    server.write(f"{port}\n")
    server.flush()
