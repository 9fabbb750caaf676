"""Hands out what gunicorn's workers measure, on a port that nobody but Prometheus should reach.

It runs in gunicorn's first process, which outlives the workers: each of them writes into files of
its own in a folder that all share, and a scrape adds them up.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from prometheus_client import CollectorRegistry, Metric, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from app import project
from app.core.observability.metrics_http import MetricsHTTPServer

# Where prometheus_client looks for the folder.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# The process to whose files those of the dead are added; no process has this number.
NOBODY = 0


class MetricsServer(Collector):
    """Serves the sum of what all workers have counted, those that have ended too."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        # A scrape must not meet a file that is being added to another.
        self._lock = Lock()

    def start(self, port: int, parent: str | None = None) -> None:
        """Answer scrapes from a thread, unless the port is 0; what is measured goes to a folder."""
        if not port:
            return
        registry = CollectorRegistry()
        registry.register(self)
        server = serve(port, registry)
        # A worker must not keep the port when this process is gone.
        os.register_at_fork(after_in_child=server.close_copies)
        self.share(Path(tempfile.mkdtemp(prefix="metrics-", dir=parent)))

    def share(self, folder: Path) -> None:
        """Have all that is measured from now on, here and in forks, written to a folder."""
        self._folder = folder
        os.environ[FOLDER] = str(folder)
        # The variable alone works only where nothing has imported prometheus_client yet.
        values.ValueClass = values.MultiProcessValue()

    def collect(self) -> Iterator[Metric]:
        """Yield the sum of all workers, and which version runs."""
        if self._folder is not None:
            with self._lock:
                metrics = [*MultiProcessCollector(None, str(self._folder)).collect()]
            yield from metrics
        yield service_info()

    def bury(self, pid: int) -> None:
        """Keep what a worker that ended had counted, but not its files: there may be many."""
        if self._folder is None:
            return
        with self._lock:
            mark_process_dead(pid, str(self._folder))
            for dead in self._folder.glob(f"*_{pid}.db"):
                _add_up(dead, dead.with_name(dead.name.replace(f"_{pid}.", f"_{NOBODY}.")))
                dead.unlink()

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def serve(port: int, registry: CollectorRegistry) -> MetricsHTTPServer:
    """Answer scrapes from a thread, or end the process with a sentence where the port is taken."""
    try:
        server = MetricsHTTPServer(port, registry)
    except OSError as error:
        raise SystemExit(
            f"METRICS_PORT {port} cannot be used: {error.strerror}. Set another, or 0 for none."
        ) from None
    server.start()
    return server


def service_info() -> Metric:
    """Return which version runs."""
    info = GaugeMetricFamily("service_info", "Which service runs.", labels=["name", "version"])
    info.add_metric([project.SLUG, version(project.SLUG)], 1)
    return info


def _add_up(dead: Path, total: Path) -> None:
    """Add the counters of one process to those of another."""
    files = [str(file) for file in (dead, total) if file.exists()]
    database = MmapedDict(str(total))
    for metric in MultiProcessCollector.merge(files, accumulate=False):
        for sample in metric.samples:
            labels = [*sample.labels], [*sample.labels.values()]
            key = mmap_key(metric.name, sample.name, *labels, metric.documentation)
            database.write_value(key, sample.value, 0.0)
    database.close()


metrics_server = MetricsServer()
