"""The measured servers: the service in two profiles, the yardsticks, with two workers each."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

WORKERS = 2
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app.main:app")
UVICORN = (sys.executable, "-m", "uvicorn", "--workers", str(WORKERS), "--log-level", "critical")
YARDSTICKS = ("--app-dir", str(Path(__file__).parent))
COMMANDS = {
    "L1": (*UVICORN, *YARDSTICKS, "yardsticks.bare:app"),
    "L2": (*UVICORN, *YARDSTICKS, "yardsticks.minimal:app"),
    "off": GUNICORN,
    "shipped": GUNICORN,
}


@dataclass(slots=True)
class Contestant:
    """A running server, and its use of CPU and memory."""

    name: str
    url: str
    roots: list[psutil.Process]
    seconds_to_first_answer: float = 0

    def processes(self) -> set[psutil.Process]:
        """Return all of its processes."""
        return {each for root in self.roots for each in (root, *root.children(recursive=True))}

    def cpu_seconds(self) -> float:
        """Return the CPU time of its processes so far."""
        return cpu_seconds(self.processes())

    def memory_mib(self) -> float:
        """Return the memory of its processes; shared pages are divided among them (PSS)."""
        return sum(float(each.memory_full_info().pss) for each in self.processes()) / 2**20


def cpu_seconds(processes: set[psutil.Process]) -> float:
    """Return the CPU time of processes so far."""
    total = 0.0
    for each in processes:
        with suppress(psutil.NoSuchProcess):  # it has just ended, and its parent has its time
            times = each.cpu_times()
            total += times.user + times.system
    return total


def postgres_cpu_seconds() -> float:
    """Return the CPU time of the database so far, including processes that have ended."""
    total = 0.0
    for each in psutil.process_iter(["name", "cmdline"]):
        if each.info["name"] == "postgres" and "-D" in (each.info["cmdline"] or ()):
            times = each.cpu_times()
            total += cpu_seconds({each, *each.children(recursive=True)})
            total += times.children_user + times.children_system
    return total


@contextmanager
def contestants(profiles: dict[str, dict[str, str]]) -> Iterator[list[Contestant]]:
    """Start all servers, one after the other, and stop them at the end."""
    with ExitStack() as stack:
        yield [stack.enter_context(contestant(name, profiles)) for name in COMMANDS]


@contextmanager
def contestant(name: str, profiles: dict[str, dict[str, str]]) -> Iterator[Contestant]:
    """Start a server with its environment variables, and stop it at the end."""
    address, metrics = free_address(), free_address()
    environ = profiles["off"] | profiles.get(name, {})
    if name == "shipped":
        environ["METRICS_PORT"] = metrics.split(":")[1]
    command = COMMANDS[name]
    listen = () if command is GUNICORN else ("--port", address.split(":")[1])
    begun = time.monotonic()
    process = psutil.Popen(
        [*command, *listen],
        env=os.environ | environ | {"BIND": address, "WEB_CONCURRENCY": str(WORKERS)},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _answers(f"http://{address}"):
            if process.poll() is not None or time.monotonic() - begun > 60:
                raise RuntimeError(f"{name} does not start.")
            time.sleep(0.01)
        started = time.monotonic() - begun
        yield Contestant(name, f"http://{address}", [psutil.Process(process.pid)], started)
    finally:
        process.terminate()
        process.wait(timeout=60)


def free_address() -> str:
    """Return an address of this machine on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as response:  # noqa: S310 - ours
            return bool(response.status == 200)
    except OSError:
        return False
