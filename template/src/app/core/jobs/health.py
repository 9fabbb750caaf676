"""Whether the workers live: `python -m app.core.jobs.health` fails where one of them does not.

Each worker touches a file of its own, in a folder that only its user can write and that only the
workers of this installation use. No other user or service can take it (CWE-59, CWE-377).
"""

import atexit
import fcntl
import hashlib
import os
import stat
import sys
import time
from contextlib import suppress
from functools import cache
from itertools import chain, count, takewhile
from pathlib import Path
from tempfile import gettempdir

from app import project

INSTALLATION = hashlib.sha256(str(Path(__file__).resolve()).encode()).hexdigest()[:16]
# The file of the first worker; the next one that runs beside it has a number.
ALIVE = Path(gettempdir()) / f"{project.SLUG}-{os.geteuid()}-{INSTALLATION}" / "worker"
# The worker asks for jobs every ten seconds, and when the database is away looks for it.
STALE_SECONDS = 30


def note_alive() -> None:
    """Note that the worker lives, now; end the process where the folder is another user's."""
    os.utime(_claim(ALIVE))


def check() -> None:
    """End the process with one sentence where a worker has not been heard of for long."""
    _refuse_foreign(ALIVE.parent)
    files = [file.stat() for file in ALIVE.parent.glob(f"{ALIVE.name}*")]
    # A worker that stopped has left its file empty.
    heard = [file.st_mtime for file in files if file.st_size]
    if not heard:
        sys.exit("No worker has begun here.")
    age = time.time() - min(heard)
    if age > STALE_SECONDS:
        sys.exit(f"The worker was last heard of {age:.0f} seconds ago.")


@cache
def _claim(first: Path) -> int:
    """Open a file that no living worker holds, and hold it until the process ends.

    The files of all workers that were killed are emptied, so that no check waits for those.
    """
    with suppress(FileExistsError):
        first.parent.mkdir(mode=0o700)
    _refuse_foreign(first.parent)
    numbered = (first.with_name(f"{first.name}-{number}") for number in count(2))
    files = chain([first], numbered)
    while (opened := _lock(next(files))) is None:
        pass
    for file in takewhile(Path.exists, files):
        if (left := _lock(file)) is not None:
            os.close(left)
    os.write(opened, str(os.getpid()).encode())
    atexit.register(os.truncate, opened, 0)
    return opened


def _lock(file: Path) -> int | None:
    """Open and empty a file, unless a living worker holds it."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    os.truncate(opened, 0)
    return opened


def _refuse_foreign(folder: Path) -> None:
    """End the process with one sentence where another user can write to the folder."""
    with suppress(FileNotFoundError):
        found = folder.lstat()
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if not is_ours or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            sys.exit(f"{folder} must be this user's alone: set TMPDIR to another folder.")


if __name__ == "__main__":
    check()
