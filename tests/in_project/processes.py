"""The service in a separate process, with a separate environment."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clients import PASSWORD

PROJECT = Path(__file__).parents[2]
GUNICORN = ("-m", "gunicorn", "--config", str(PROJECT / "gunicorn.conf.py"), "app.main:app")


@contextmanager
def started(
    *arguments: str, folder: Path, environ: dict[str, str], fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Run this Python in `folder`, with `environ`, PATH, HOME and TMPDIR as its environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=kept | environ,
        pass_fds=fds,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


@dataclass
class Server:
    """gunicorn with the service, on its own port."""

    process: subprocess.Popen[str]
    port: int
    lines: list[dict[str, Any]] = field(default_factory=list)

    def read_until(self, event: str, times: int = 1) -> list[dict[str, Any]]:
        """Read the log until `times` lines have an event that starts with `event`; return them."""
        assert self.process.stdout
        while (
            len(found := [line for line in self.lines if line["event"].startswith(event)]) < times
        ):
            line = self.process.stdout.readline()
            assert line, f"The server ended. {self.process.stderr and self.process.stderr.read()}"
            self.lines.append(json.loads(line))
        return found


@contextmanager
def gunicorn(folder: Path, environ: dict[str, str]) -> Iterator[Server]:
    """Serve from `folder`; the port is open from the start, so that no test waits for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bind = f"fd://{listener.fileno()}"
        fds = (listener.fileno(),)
        environ = {"METRICS_PORT": "0"} | environ | {"BIND": bind}
        with started(*GUNICORN, folder=folder, environ=environ, fds=fds) as process:
            yield Server(process, listener.getsockname()[1])


def begin_registration(port: int, token: str) -> tuple[socket.socket, bytes]:
    """Send a request without its body; return once the service waits for the body."""
    body = json.dumps({"email": "grace@example.com", "password": PASSWORD}).encode()
    head = (
        "POST /api/v1/users HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\n"  # no other test uses its rate limit
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(head.encode())
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    return connection, body
