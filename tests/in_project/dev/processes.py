"""Processes that tests start, and conditions that tests wait for."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.embedded import EmbeddedServer

PROJECT = Path(__file__).resolve().parents[3]
USER = """
import sys
from pathlib import Path
from {module} import {name} as Server
print(Server(*map(Path, sys.argv[1:])).port, flush=True)
sys.stdin.read()
"""


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait for the condition; return whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_served(port: int) -> bool:
    """Return whether a server listens on the port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def process(*arguments: str, folder: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """Run this Python with the packages of `folder` and of this project; kill it at the end."""
    with command(sys.executable, *arguments, folder=folder, environ=environ) as started:
        yield started


@contextmanager
def command(
    *arguments: str, folder: Path, environ: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Run a command with the packages of `folder` and of this project; kill it at the end."""
    path = os.pathsep.join([str(folder / "src"), str(PROJECT)])
    with subprocess.Popen(
        arguments,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path} | environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            yield started
        finally:
            started.kill()


@contextmanager
def user(
    server: type[EmbeddedServer], *root: Path, folder: Path, **environ: str
) -> Iterator[subprocess.Popen[str]]:
    """Run another process that uses a server; the first line it prints is the port."""
    with process("-c", user_code(server), *map(str, root), folder=folder, **environ) as started:
        yield started


def user_code(server: type[EmbeddedServer]) -> str:
    """Return a program that uses a server in the folder that its argument names."""
    return USER.format(module=server.__module__, name=server.__name__)


def line(started: subprocess.Popen[str]) -> str:
    """Return the next line that the process prints."""
    assert started.stdout
    return started.stdout.readline()


def lines_until(started: subprocess.Popen[str], text: str) -> list[str]:
    """Return the lines that the process prints up to the one with the text, or to its end."""
    lines = [line(started)]
    while lines[-1] and text not in lines[-1]:
        lines.append(line(started))
    return lines
