"""Serves the metrics of all gunicorn workers, on a port that only Prometheus should reach.

The server runs in gunicorn's main process, which outlives the workers. Each worker writes its own
files in a shared folder, and a scrape adds up the values of all files.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TextIO

from prometheus_client import CollectorRegistry, Metric, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from app import project
from app.core.observability.metrics_http import MetricsHTTPServer

# The variable by which prometheus_client finds the folder.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# The merged counters of dead workers are in files with this process id in their names. No worker
# can have the id 0.
DEAD_WORKERS = 0
PREFIX = "metrics-"
LOCK = "lock"


class MetricsServer(Collector):
    """Serves the sum of the metrics of all workers, including those that have ended."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._locked: TextIO | None = None
        # A scrape must not read a file while it is merged into another.
        self._lock = Lock()

    def start(self, port: int, parent: str | None = None) -> None:
        """Serve metrics from a thread, unless the port is 0.

        The shared folder is created in `parent`.
        """
        if not port:
            return
        registry = CollectorRegistry()
        registry.register(self)
        server = serve(port, registry)
        # A worker must not keep the port open after this process has ended.
        os.register_at_fork(after_in_child=server.close_copies)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        _delete_abandoned(folder.parent)
        self._locked = _lock(folder)
        self.share(folder)

    def share(self, folder: Path) -> None:
        """Write all further metrics, of this process and its forks, to a folder."""
        self._folder = folder
        os.environ[FOLDER] = str(folder)
        # The variable alone works only before the first import of prometheus_client.
        values.ValueClass = values.MultiProcessValue()

    def collect(self) -> Iterator[Metric]:
        """Yield the sums over all workers, and the version of the service."""
        if self._folder is not None:
            with self._lock:
                metrics = [*MultiProcessCollector(None, str(self._folder)).collect()]
            yield from metrics
        yield service_info()

    def merge_dead_worker(self, pid: int) -> None:
        """Add the counters of a dead worker to the shared file, and delete the worker's files.

        The folder therefore does not grow with every worker.
        """
        if self._folder is None:
            return
        with self._lock:
            mark_process_dead(pid, str(self._folder))
            for dead in self._folder.glob(f"*_{pid}.db"):
                _add_up(dead, dead.with_name(dead.name.replace(f"_{pid}.", f"_{DEAD_WORKERS}.")))
                dead.unlink()

    def close(self) -> None:
        """Delete the shared folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._locked is not None:
            self._locked.close()


def serve(port: int, registry: CollectorRegistry) -> MetricsHTTPServer:
    """Serve metrics from a thread; exit with a one-line error if the port cannot be used."""
    try:
        server = MetricsHTTPServer(port, registry)
    except OSError as error:
        raise SystemExit(
            f"METRICS_PORT {port} cannot be used: {error.strerror}. Set a free port, or 0 for none."
        ) from None
    server.start()
    return server


def service_info() -> Metric:
    """Return the name and the version of the service as a metric."""
    labels = ["name", "version"]
    info = GaugeMetricFamily("service_info", "Name and version of the service.", labels=labels)
    info.add_metric([project.SLUG, version(project.SLUG)], 1)
    return info


def _lock(folder: Path) -> TextIO:
    """Mark a folder as used, until this process and all its forks have ended, even if killed."""
    new = (folder / f"{LOCK}.new").open("w")
    flock(new, LOCK_EX)
    (folder / f"{LOCK}.new").rename(folder / LOCK)  # no other process sees it without its lock
    return new


def _delete_abandoned(parent: Path) -> None:
    """Delete the folders of servers that were killed.

    Folders without a lock file, and folders of other users, are left alone.
    """
    for file in parent.glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError):
            if file.parent.lstat().st_uid == os.geteuid():
                with file.open() as abandoned:
                    flock(abandoned, LOCK_EX | LOCK_NB)
                    shutil.rmtree(file.parent)


def _add_up(dead: Path, total: Path) -> None:
    """Add the counters in one process's file to another file."""
    files = [str(file) for file in (dead, total) if file.exists()]
    database = MmapedDict(str(total))
    for metric in MultiProcessCollector.merge(files, accumulate=False):
        for sample in metric.samples:
            labels = [*sample.labels], [*sample.labels.values()]
            key = mmap_key(metric.name, sample.name, *labels, metric.documentation)
            database.write_value(key, sample.value, 0.0)
    database.close()


metrics_server = MetricsServer()
