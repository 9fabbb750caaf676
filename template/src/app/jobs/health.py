"""Whether the worker lives: `python -m app.jobs.health` fails where it does not."""

import sys
import time
from pathlib import Path
from tempfile import gettempdir

ALIVE = Path(gettempdir()) / "worker-alive"
# The worker asks for jobs every ten seconds, and when the database is away looks for it.
STALE_SECONDS = 30


def note_alive() -> None:
    """Note that the worker lives, now."""
    ALIVE.touch()


def check() -> None:
    """End the process with one sentence where the worker has not been heard of for long."""
    try:
        age = time.time() - ALIVE.stat().st_mtime
    except FileNotFoundError:
        sys.exit("No worker has begun here.")
    if age > STALE_SECONDS:
        sys.exit(f"The worker was last heard of {age:.0f} seconds ago.")


if __name__ == "__main__":
    check()
