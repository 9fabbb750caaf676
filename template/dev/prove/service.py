"""The service as in production, with servers of its own that a section may kill or freeze."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from dev.binaries import postgres_binaries, valkey_binary
from dev.errors import ServerError
from dev.launcher import Launcher, for_initdb, unprivileged
from dev.prove.client import OK, get
from dev.prove.waiting import PATIENCE_SECONDS, free_port, wait_until

WORKERS = 2
POOL_SIZE = 4  # with two workers, half as many connections as clients
DRAIN_SECONDS = 4
SECRET_KEY = "poe prove: Wk3vQ9xTz0rLbN5mYc8dHs2f Ae7uJp4gRi6oKw1n"  # noqa: S105 - of a test service


class ProvedService:
    """PostgreSQL, Valkey and gunicorn with two workers, each started and stopped separately."""

    def __init__(self, project: Path, settings: Mapping[str, str] | None = None) -> None:
        self.project = project
        self.folder = Path(tempfile.mkdtemp(prefix="prove-")).resolve()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.port, self._postgres_port, self._valkey_port = free_port(), free_port(), free_port()
        self._settings = settings or {}
        self._launcher = _launcher(self.folder)

    @property
    def database_url(self) -> str:
        """The URL of the database."""
        return f"postgresql://app:unguessable@127.0.0.1:{self._postgres_port}/postgres"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the service: settings as in production, and nothing of the shell's."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": "src",
            "ENVIRONMENT": "production",
            "BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": str(WORKERS),
            "DATABASE_URL": self.database_url,
            "DATABASE_POOL_SIZE": str(POOL_SIZE),
            "REDIS_URL": f"redis://127.0.0.1:{self._valkey_port}",
            "SECRET_KEY": SECRET_KEY,
            "ALLOWED_HOSTS": "127.0.0.1",
            "RATE_LIMIT_DEFAULT": "1000000/minute",
            "RATE_LIMIT_LOGIN": "1000000/minute",
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
            "METRICS_PORT": "0",
            **self._settings,
        }

    def create_cluster(self) -> None:
        """Create the data of PostgreSQL, start it, and migrate the database."""
        initdb = str(for_initdb(self._launcher, self.folder).binaries / "initdb")
        options = ("-U", "app", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
        self._postgres(initdb, "-D", "data", "--locale=C", *options).wait()
        self.start_postgres()
        wait_until(lambda: self.run("app", "migrate").wait() == 0, "The database did not migrate")

    def start_postgres(self) -> None:
        """Start PostgreSQL on its data."""
        # The server process crashes here, but not the machine, so that nothing needs fsync.
        options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
        arguments = [part for option in options for part in ("-c", option)]
        program = str(self._launcher.binaries / "postgres")
        self.processes["postgres"] = self._postgres(
            program, "-D", "data", "-p", str(self._postgres_port), *arguments
        )

    def start_valkey(self) -> None:
        """Start Valkey without persistence."""
        where = ("--port", str(self._valkey_port), "--bind", "127.0.0.1")
        command = [str(valkey_binary()), *where, "--save", "", "--appendonly", "no"]
        self.processes["valkey"] = self._spawn(command, self.folder)

    def start_gunicorn(self, options: str = "") -> None:
        """Start the service, with more options of gunicorn if they are given."""
        self.processes["gunicorn"] = self.run("gunicorn", "app.main:app", GUNICORN_CMD_ARGS=options)

    def run(self, *command: str, **environ: str) -> "subprocess.Popen[bytes]":
        """Start a program of the project with the settings of the service."""
        env = self.environ | environ
        program = shutil.which(command[0], path=env["PATH"]) or command[0]
        return self._spawn([program, *command[1:]], self.project, env=env)

    def heal(self) -> None:
        """Start the servers that do not run; wait until the service is ready with all workers."""
        for name in ("postgres", "valkey", "gunicorn"):
            if name not in self.processes or self.processes[name].poll() is not None:
                getattr(self, f"start_{name}")()
        wait_until(
            lambda: len(self.workers()) == WORKERS and self.status("/ready") == OK,
            "The service did not become ready",
        )

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """Stop a server with a signal; return its exit code. Raise `ServerError` if it stays."""
        self.processes[name].send_signal(number)
        try:
            return self.processes[name].wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill(name)
            what = f"{name} did not end after {signal.Signals(number).name}"
            raise ServerError(f"{what} within {PATIENCE_SECONDS} seconds.") from None

    def kill(self, name: str) -> None:
        """Kill all processes of a server, even if they are frozen."""
        process = self.processes[name]
        if process.poll() is None:
            psutil.Process(process.pid).suspend()  # so that it starts no more processes
            for each in self.tree(name):
                each.kill()
            process.wait()

    def tree(self, name: str) -> list[psutil.Process]:
        """Return all processes of a server, the parent first."""
        process = psutil.Process(self.processes[name].pid)
        return [process, *process.children(recursive=True)]

    def workers(self) -> set[int]:
        """Return the process ids of the workers."""
        return {process.pid for process in self.tree("gunicorn")[1:]}

    def status(self, path: str) -> int:
        """Return the status of a response, or 0 if there is no response."""
        return get(self.port, path).status

    def valkey_keys(self) -> int:
        """Return the number of keys in Valkey."""
        address = ("127.0.0.1", self._valkey_port)
        with socket.create_connection(address, timeout=5) as connection:
            connection.sendall(b"DBSIZE\r\n")
            return int(connection.recv(100).strip(b":\r\n"))

    def log(self) -> str:
        """Return the output of all servers so far."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def close(self) -> None:
        """Kill all servers, and delete their data."""
        for name in self.processes:
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _postgres(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        launcher = self._launcher
        return self._spawn(
            [*launcher.prefix, program, *arguments],
            self.folder,
            user=launcher.user,
            group=launcher.group,
            extra_groups=None if launcher.user is None else (),
        )

    def _spawn(self, command: list[str], folder: Path, **options: Any) -> "subprocess.Popen[bytes]":  # noqa: ANN401
        # In a session of its own, because Ctrl-C must not stop it before this process does.
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **options,
            )


@contextmanager
def proved_service(
    project: Path, settings: Mapping[str, str] | None = None
) -> Iterator[ProvedService]:
    """Yield the service with a migrated database and all servers started; stop them at the end."""
    service = ProvedService(project, settings)
    try:
        service.create_cluster()
        service.heal()
        yield service
    finally:
        service.close()


def _launcher(folder: Path) -> Launcher:
    binaries = postgres_binaries()
    return unprivileged(folder, binaries) if os.geteuid() == 0 else Launcher(binaries=binaries)
