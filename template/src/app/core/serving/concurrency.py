"""The number of worker processes."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
# With a much higher number, gunicorn would start processes until no memory is left.
MAX_WORKERS = 1000
NUMBER = re.compile("[0-9]{1,4}")


def workers(environ: Mapping[str, str] = os.environ) -> int:
    """Return the number in WEB_CONCURRENCY, or `default_workers()` if the variable is not set."""
    chosen = environ.get("WEB_CONCURRENCY") or str(default_workers())
    if not (NUMBER.fullmatch(chosen) and 1 <= int(chosen) <= MAX_WORKERS):
        reason = (
            f"WEB_CONCURRENCY must be a number of processes from 1 to {MAX_WORKERS}, such as 2."
        )
        raise SystemExit(reason)
    return int(chosen)


def default_workers(cgroup: Path = CGROUP) -> int:
    """Return the number of cores that this process may use, within its container's limit."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _quota(cgroup) or cores or 1))


def _quota(cgroup: Path) -> int | None:
    """Return the container's CPU quota in whole cores, at least 1, or None without a quota."""
    quota, period = _read_quota(cgroup)
    return max(1, int(quota) // int(period)) if quota.isdecimal() and period.isdecimal() else None


def _read_quota(cgroup: Path) -> tuple[str, str]:
    """Read the quota and its period from cgroup version 2, or from version 1."""
    with suppress(OSError, ValueError):
        quota, period = (cgroup / "cpu.max").read_text().split()
        return quota, period
    with suppress(OSError):
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        quota, period = ((cgroup / "cpu" / name).read_text().strip() for name in names)
        return quota, period
    return "", ""
