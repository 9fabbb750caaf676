"""A rendered service as in production, with separate servers that tests can kill or freeze."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.support.load import Client
from tests.support.services import Service, free_port

# The commands with which the project's `dev` package starts servers, as another user for root.
LAUNCHERS = """
import json, os, sys
from pathlib import Path
from dev.binaries import postgres_binaries, valkey_binary
from dev.launcher import Launcher, for_initdb, unprivileged
folder, binaries = Path(sys.argv[1]), postgres_binaries()
postgres = unprivileged(folder, binaries) if os.geteuid() == 0 else Launcher(binaries=binaries)
print(json.dumps({
    "prefix": postgres.prefix, "user": postgres.user, "group": postgres.group,
    "initdb": str(for_initdb(postgres, folder).binaries / "initdb"),
    "postgres": str(postgres.binaries / "postgres"), "valkey": str(valkey_binary()),
}))
"""
WORKERS = 2
POOL_SIZE = 4  # with two workers, half as many connections as clients
DRAIN_SECONDS = 4
PATIENCE_SECONDS = 60


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> float:
    """Wait for a condition; return how long that took, or fail after a time limit."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() < began + seconds, "The condition did not become true in time."
        time.sleep(0.05)
    return time.monotonic() - began


@dataclass
class Stack:
    """PostgreSQL, Valkey and gunicorn, which can be started and stopped separately."""

    service: Service
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="faults-")))
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        told = self.service.run("python", "-c", LAUNCHERS, str(self.folder))
        self._launch: dict[str, Any] = json.loads(told.splitlines()[-1])
        self.port, self._postgres_port, self._valkey_port = free_port(), free_port(), free_port()
        self._postgres("initdb", "-D", "data", "-U", "app", "-A", "trust", "--no-sync").wait()

    def _postgres(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        launch = self._launch
        command = [*launch["prefix"], launch[program], *arguments]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                user=launch["user"],
                group=launch["group"],
                stdout=log,
                stderr=log,
            )

    def _app(self, *command: str, **environ: str) -> "subprocess.Popen[bytes]":
        """Start a program of the project, with its settings."""
        program = f"{self.service.environment['UV_PROJECT_ENVIRONMENT']}/bin/{command[0]}"
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [program, *command[1:]],
                cwd=self.service.folder,
                env=self.environ | environ,
                stdout=log,
                stderr=log,
            )

    @property
    def environ(self) -> dict[str, str]:
        """The settings of the service, as in production."""
        return {
            "PATH": os.environ["PATH"],
            "BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": str(WORKERS),
            "DATABASE_URL": f"postgresql://app:unguessable@127.0.0.1:{self._postgres_port}/postgres",
            "DATABASE_POOL_SIZE": str(POOL_SIZE),
            "REDIS_URL": f"redis://127.0.0.1:{self._valkey_port}",
            "SECRET_KEY": "for tests: Wk3vQ9xTz0rLbN5mYc8dHs2f",
            "ALLOWED_HOSTS": "127.0.0.1",
            "RATE_LIMIT_DEFAULT": "1000000/minute",
            "RATE_LIMIT_LOGIN": "1000/minute",
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
            "METRICS_PORT": "0",
        }

    def start_postgres(self) -> None:
        """Start PostgreSQL on its data."""
        options = ("listen_addresses=127.0.0.1", "unix_socket_directories=")
        arguments = [part for option in options for part in ("-c", option)]
        self.processes["postgres"] = self._postgres(
            "postgres", "-D", "data", "-p", str(self._postgres_port), *arguments
        )

    def start_valkey(self) -> None:
        """Start Valkey without persistence."""
        where = ("--port", str(self._valkey_port), "--bind", "127.0.0.1")
        command = [self._launch["valkey"], *where, "--save", "", "--appendonly", "no"]
        self.processes["valkey"] = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def start_gunicorn(self, options: str = "") -> None:
        """Start the service."""
        self.processes["gunicorn"] = self._app(
            "gunicorn", "app.main:app", GUNICORN_CMD_ARGS=options
        )

    def migrate(self) -> None:
        """Migrate the database once PostgreSQL accepts connections."""
        wait_until(lambda: self._app("app", "migrate").wait() == 0)

    def heal(self) -> None:
        """Start the servers that do not run; wait until the service is ready with all workers."""
        for name in ("postgres", "valkey", "gunicorn"):
            if name not in self.processes or self.processes[name].poll() is not None:
                getattr(self, f"start_{name}")()
        wait_until(lambda: len(self.workers()) == WORKERS and self.status("/ready") == 200)

    def stop(self, name: str, signal: int) -> int:
        """Stop a server with a signal; return its exit code."""
        self.processes[name].send_signal(signal)
        return self.processes[name].wait(PATIENCE_SECONDS)

    def tree(self, name: str) -> list[psutil.Process]:
        """Return all processes of a server, the parent first."""
        process = psutil.Process(self.processes[name].pid)
        return [process, *process.children(recursive=True)]

    def workers(self) -> set[int]:
        """Return the process ids of the workers."""
        return {process.pid for process in self.tree("gunicorn")[1:]}

    def counters(self) -> int:
        """Return the number of keys in Valkey."""
        with socket.create_connection(("127.0.0.1", self._valkey_port), timeout=5) as connection:
            connection.sendall(b"DBSIZE\r\n")
            return int(connection.recv(100).strip(b":\r\n"))

    def status(self, path: str) -> int:
        """Return the status of a response, or 0 if there is no response."""
        client = Client(self.port)
        status = client.ask("GET", path).status
        client.close()
        return status

    def close(self) -> None:
        """Kill all servers, even if they are frozen."""
        for name, process in self.processes.items():
            if process.poll() is None:
                psutil.Process(process.pid).suspend()  # so that it starts no more processes
                for each in self.tree(name):
                    each.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
