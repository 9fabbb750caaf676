"""Liveness of the workers: `python -m app.core.jobs.health` fails if none runs or one is stale.

Each worker updates the modification time of its own file. The folder of these files belongs to one
user and one installation, so no other user or service can interfere with the files (CWE-59,
CWE-377).
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
# The file of the first worker. The files of further workers are numbered.
ALIVE = Path(gettempdir()) / f"{project.SLUG}-{os.geteuid()}-{INSTALLATION}" / "worker"
# The worker updates its file at least every ten seconds, even while the database is unavailable.
STALE_SECONDS = 30


def note_alive() -> None:
    """Record that the worker is alive; exit if the folder belongs to another user."""
    os.utime(_claim(ALIVE))


def check() -> None:
    """Exit with an error if no worker is running, or one has not reported for `STALE_SECONDS`."""
    _refuse_foreign(ALIVE.parent)
    files = [file.stat() for file in ALIVE.parent.glob(f"{ALIVE.name}*")]
    # A stopped worker leaves its file empty.
    reported = [file.st_mtime for file in files if file.st_size]
    if not reported:
        sys.exit("No worker runs here.")
    age = time.time() - min(reported)
    if age > STALE_SECONDS:
        sys.exit(f"A worker last reported {age:.0f} seconds ago.")


@cache
def _claim(first: Path) -> int:
    """Open and lock a file that no running worker has locked; keep the lock until the process ends.

    Empty the files of killed workers, so that `check` ignores them.
    """
    with suppress(FileExistsError):
        first.parent.mkdir(mode=0o700)
    _refuse_foreign(first.parent)
    numbered = (first.with_name(f"{first.name}-{number}") for number in count(2))
    files = chain([first], numbered)
    while (opened := _lock(next(files))) is None:
        pass
    for file in takewhile(Path.exists, files):
        if (abandoned := _lock(file)) is not None:
            os.close(abandoned)
    os.write(opened, str(os.getpid()).encode())
    atexit.register(os.truncate, opened, 0)
    return opened


def _lock(file: Path) -> int | None:
    """Open, lock and empty a file. Return None if a running worker has locked it."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    os.truncate(opened, 0)
    return opened


def _refuse_foreign(folder: Path) -> None:
    """Exit with a one-line error if another user owns the folder or can write to it."""
    with suppress(FileNotFoundError):
        found = folder.lstat()
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if not is_ours or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            sys.exit(f"{folder} must belong to this user alone. Set TMPDIR to another folder.")


if __name__ == "__main__":
    check()
