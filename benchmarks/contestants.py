"""The measured servers: the service and the reference services, with two workers each."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

WORKERS = 2
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app.main:app")
UVICORN = (sys.executable, "-m", "uvicorn", "--workers", str(WORKERS), "--log-level", "critical")
YARDSTICKS = Path(__file__).parent


@dataclass(slots=True)
class Contestant:
    """A running server, and its use of CPU and memory."""

    name: str
    url: str
    process: psutil.Process
    seconds_to_first_answer: float

    def cpu_seconds(self) -> float:
        """Return the CPU time of its processes so far."""
        return cpu_seconds(self.process)

    def memory_mib(self) -> float:
        """Return the memory of its processes; shared pages are divided among them (PSS)."""
        tree = [self.process, *self.process.children(recursive=True)]
        return sum(float(each.memory_full_info().pss) for each in tree) / 2**20


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU time of a process and its descendants so far."""
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        times = each.cpu_times()
        total += times.user + times.system
    return total


def postgres_cpu_seconds() -> float:
    """Return the CPU time of the database so far, including processes that have ended."""
    total = 0.0
    for each in psutil.process_iter(["name", "cmdline"]):
        if each.info["name"] == "postgres" and "-D" in (each.info["cmdline"] or ()):
            times = each.cpu_times()
            total += cpu_seconds(each) + times.children_user + times.children_system
    return total


@contextmanager
def contestants(environ: dict[str, str]) -> Iterator[list[Contestant]]:
    """Start all servers, one after the other, and stop them at the end."""
    commands = {
        "L1": (*UVICORN, "--app-dir", str(YARDSTICKS), "yardsticks.bare:app"),
        "L2": (*UVICORN, "--app-dir", str(YARDSTICKS), "yardsticks.minimal:app"),
        "service": GUNICORN,
    }
    started: list[Contestant] = []
    try:
        for name, command in commands.items():
            started.append(_start(name, command, environ))
        yield started
    finally:
        for each in started:
            each.process.terminate()
        psutil.wait_procs([each.process for each in started], timeout=60)


def _start(name: str, command: tuple[str, ...], environ: dict[str, str]) -> Contestant:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(WORKERS)}
    listen = () if command is GUNICORN else ("--port", str(port))
    begun = time.monotonic()
    process = subprocess.Popen(
        [*command, *listen], env=os.environ | environ | address, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    while not _answers(url):
        if process.poll() is not None or time.monotonic() - begun > 60:
            raise RuntimeError(f"{name} does not start.")
        time.sleep(0.01)
    return Contestant(name, url, psutil.Process(process.pid), time.monotonic() - begun)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as response:  # noqa: S310 - ours
            return bool(response.status == 200)
    except OSError:
        return False
