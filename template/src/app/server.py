"""What gunicorn needs to know: its workers, and how many of them."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from uvicorn_worker import UvicornWorker

from app.protocol import BoundedProtocol

# How much sooner than gunicorn kills a worker stops waiting for requests: the lifespan's end runs.
LIFESPAN_SECONDS = 5
CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


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
        self.config.timeout_graceful_shutdown = self.cfg.graceful_timeout - LIFESPAN_SECONDS
        logging.getLogger("uvicorn.error").propagate = True


def workers(environ: Mapping[str, str] = os.environ) -> int:
    """Return what WEB_CONCURRENCY says, else `default_workers`."""
    chosen = environ.get("WEB_CONCURRENCY") or str(default_workers())
    if not chosen.isdecimal() or int(chosen) == 0:
        raise SystemExit("WEB_CONCURRENCY must be a number of processes, such as 2.")
    return int(chosen)


def default_workers(quota_file: Path = CGROUP_QUOTA) -> int:
    """Return as many workers as the process may use cores: of its container, not of the host."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = quota_file.read_text().split()
        limit = int(quota) // int(period)
    except (OSError, ValueError):  # no such container, or "max"
        return cores or 1
    return max(1, min(cores or 1, limit))
