"""The service as it runs in production, with its log and its metrics."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.processes import uv

STARTED = "Application startup complete"
START = "app migrate; exec gunicorn app.main:app"
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.M)


@dataclass
class Started:
    """A started service, with its log and its ports."""

    log: Path
    port: int
    metrics_port: int

    def get(self, path: str) -> int:
        """Return the status of a GET request over a new connection, which any worker may accept."""
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.get(url, headers={"Connection": "close"}, timeout=10).status_code

    def scrape(self) -> dict[str, float]:
        """Return every sample that Prometheus would read."""
        text = requests.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10).text
        return {f"{name} {labels}": float(value) for name, labels, value in SAMPLE.findall(text)}

    def says(self, event: str, times: int) -> bool:
        """Return whether the log contains an event at least `times` times."""
        return self.log.read_text().count(event) >= times

    def pid(self, event: str) -> int:
        """Return the process id in the first line of an event."""
        return int(re.findall(rf"{event}.*?(\d+)\)?\"", self.log.read_text())[0])


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition is true; fail with the message `what` after a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@contextmanager
def serving(folder: Path, log: Path, settings: dict[str, str]) -> Iterator[Started]:
    """Serve with two workers and separate databases; check that the service stops properly."""
    with (
        log.open("wb") as said,
        subprocess.Popen(
            [uv(), "run", "--exact", "-q", "python", "-m", "dev", "sh", "-ec", START],
            cwd=folder,
            env=os.environ | {"LOG_FORMAT": "json", "WEB_CONCURRENCY": "2"} | settings,
            stdout=said,
            stderr=said,
        ) as process,
    ):
        port, metrics_port = settings["BIND"].split(":")[1], settings["METRICS_PORT"]
        started = Started(log, int(port), int(metrics_port))
        try:
            wait_for(lambda: started.says(STARTED, 2), "The service did not start.")
            yield started
        finally:
            process.terminate()
            process.wait(timeout=30)
    assert started.says("Shutting down: Master", 1)
