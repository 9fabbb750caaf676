"""Starts of embedded servers after processes were killed or interrupted."""

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dev import locks
from dev.binaries import postgres_binaries
from dev.errors import ServerError
from dev.launcher import Launcher, unprivileged
from dev.postgres import EmbeddedPostgres
from dev.valkey import EmbeddedValkey
from tests.in_project.dev.processes import eventually, free_port, is_served
from tests.in_project.dev.test_postgres import run

SUPERVISOR = """
from dev import supervisor
ports = [supervisor._free_port(), {taken}]
supervisor._free_port = ports.pop
supervisor.main()
"""


@pytest.fixture(scope="module")
def data(project: Path) -> Path:
    """The folder of a stopped server whose database has a table."""
    root = project / ".data/killed"
    with EmbeddedPostgres(root) as server:
        run(server.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    return root


def write_process_id(root: Path, process_id: int) -> None:
    """Write the file that a server leaves behind when its container is killed."""
    lines = [process_id, root / "data", int(time.time()), 5432, "", "127.0.0.1", "0 0", "ready"]
    (root / "data/postmaster.pid").write_text("".join(f"{line}\n" for line in lines))


@contextmanager
def started_by_hand(root: Path) -> Iterator[int]:
    """Run a server on the data without taking our lock; yield its port."""
    binaries, port = postgres_binaries(), free_port()
    launcher = unprivileged(root, binaries) if os.geteuid() == 0 else Launcher(binaries=binaries)
    options = ("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
    with (root / "hand.log").open("wb") as log:
        server = launcher.start(["postgres", "-D", "data", "-p", str(port), *options], root, log)
    try:
        assert eventually(lambda: is_served(port))
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def test_a_server_starts_even_if_another_program_has_its_old_process_id(data: Path) -> None:
    write_process_id(data, os.getpid())

    with EmbeddedPostgres(data) as server:
        assert run(server.url(), "SELECT answer FROM kept") == 42


def test_a_server_that_outlived_its_supervisor_is_reused(data: Path) -> None:
    first = EmbeddedPostgres(data)
    first._supervisor.kill()
    first._supervisor.wait()

    with EmbeddedPostgres(data) as second:
        assert second.port == first.port
        assert run(second.url(), "SELECT answer FROM kept") == 42
        first.stop()
    os.kill(int((data / "data/postmaster.pid").read_text().split()[0]), signal.SIGINT)
    assert eventually(lambda: not is_served(first.port))


def test_a_second_server_cannot_open_the_data_of_a_server_that_holds_no_lock(data: Path) -> None:
    credentials = (data / "credentials").read_text().strip()

    with started_by_hand(data) as port:
        with pytest.raises(ServerError, match="pre-existing shared memory block"):
            EmbeddedPostgres(data)
        url = f"postgresql://postgres:{credentials}@127.0.0.1:{port}/postgres"
        assert run(url, "SELECT answer FROM kept") == 42


def test_a_data_folder_can_be_moved(data: Path) -> None:
    moved = data.rename(data.with_name("moved"))

    try:
        with EmbeddedPostgres(moved) as server:
            assert run(server.url(), "SELECT answer FROM kept") == 42
    finally:
        moved.rename(data)


def test_an_interrupted_initialization_is_restarted(folder: Path) -> None:
    root = folder / "postgres"
    (root / "new/base").mkdir(parents=True)
    (root / "initdb/bin").mkdir(parents=True)
    for name in ("new/PG_VERSION", "credentials", "server.lock"):
        (root / name).write_text("1\n")

    with EmbeddedPostgres(root) as server:
        assert run(server.url(), "SELECT 1") == 1

    assert not (root / "new").exists()
    assert not (root / "initdb").exists()


def test_the_wait_for_a_lock_times_out_if_its_holder_runs_no_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0)

    with (folder / "server.lock").open("a") as orphan:
        fcntl.flock(orphan, fcntl.LOCK_EX)
        with pytest.raises(ServerError, match=r"holds .*/server\.lock but serves nothing"):
            locks.claim(folder)


def test_a_server_chooses_another_port_if_its_port_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = subprocess.Popen

    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]

        def start_patched(command: list[str], **options: Any) -> Any:
            program = SUPERVISOR.format(taken=taken)
            return start([command[0], "-c", program, command[-1]], **options)

        monkeypatch.setattr(subprocess, "Popen", start_patched)
        with EmbeddedValkey(folder / "valkey") as server:
            assert is_served(server.port)

    assert server.port != taken
