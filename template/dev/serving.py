"""Serves the project until Ctrl-C."""

import errno
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

HINT_SECONDS = 15
STOP_SECONDS = 10


@dataclass(frozen=True)
class Address:
    """The host and port that the service listens on."""

    host: str
    port: int

    def check(self) -> None:
        """Exit with a one-line error if the service cannot listen on this address."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            socket.create_server((self.host, self.port), family=family).close()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sys.exit(
                    f"Port {self.port} is in use: stop what uses it, or choose another with --port."
                )
            reason = str(error.strerror).partition(" (")[0]
            sys.exit(f"Cannot listen on {self.host}, port {self.port}: {reason}.")

    @property
    def reachable_host(self) -> str:
        """Return the host for local clients: the loopback address if the host is a wildcard."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound
        return everywhere.get(self.host, self.host)

    @property
    def url(self) -> str:
        """Return the URL of the service."""
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def serve(address: Address, environ: dict[str, str]) -> None:
    """Serve until Ctrl-C; exit with a one-line error if the server ends by itself."""
    try:
        with _webserver(address, environ) as process:
            if _wait_until_ready(address, process):
                print(_summary(address, environ), flush=True)
            code = process.wait()
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    else:
        sys.exit(f"The service ended with exit code {code}; the lines above say why.")


@contextmanager
def _webserver(address: Address, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    theirs, ours = os.pipe()
    command = [sys.executable, "-m", "dev.webserver", address.host, str(address.port), str(theirs)]
    # The process has its own session: Ctrl-C during its imports would print a traceback.
    process = subprocess.Popen(command, env=environ, pass_fds=[theirs], start_new_session=True)
    os.close(theirs)
    try:
        yield process
    finally:
        os.close(ours)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(address: Address, process: subprocess.Popen[bytes]) -> bool:
    """Return whether /ready returns 200 before the process ends; print a hint at intervals."""
    hint_at = time.monotonic() + HINT_SECONDS
    while process.poll() is None:
        if _is_ready(address):
            return True
        if time.monotonic() > hint_at:
            print(f"Still waiting for {address.url}/ready ...", file=sys.stderr, flush=True)
            hint_at += HINT_SECONDS
        time.sleep(0.1)
    return False


def _is_ready(address: Address) -> bool:
    connection = http.client.HTTPConnection(address.reachable_host, address.port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _summary(address: Address, environ: dict[str, str]) -> str:
    return f"""
  The service is ready.

    Service     {address.url}
    API docs    {address.url}/api/docs
    Health      {address.url}/health
    PostgreSQL  {_without_password(environ["DATABASE_URL"])}
    Valkey      {_without_password(environ["REDIS_URL"])}

  It reloads when src changes. Ctrl-C stops everything.
"""


def _without_password(url: str) -> str:
    hidden = re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)
    return re.sub(r"(password=)[^&]*", r"\1***", hidden)
