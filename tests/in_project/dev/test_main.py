"""`python -m dev`."""

import http.client
import os
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dev.postgres import EmbeddedPostgres
from tests.in_project.dev.processes import (
    eventually,
    free_port,
    is_served,
    line,
    lines_until,
    process,
)

NAMED = {"DATABASE_URL": "postgresql://named", "REDIS_URL": "redis://named"}
# A module whose import waits until standard input is closed.
WAIT = """
import sys
print("waiting", flush=True)
sys.stdin.read()
run = main = lambda *_, **__: None
"""
# Starts the development server as a shell does: Ctrl-C reaches each process of its group.
OWN_GROUP = """
import os, sys
os.setsid()
os.execv(sys.executable, [sys.executable, "-m", "dev", "--port", *sys.argv[1:]])
"""
ECHO = ("sh", "-c", "echo $DATABASE_URL; echo $REDIS_URL; exit 7")


def is_gone(url: str) -> bool:
    """Return whether the server at the URL has stopped."""
    return not is_served(urlsplit(url).port or 0)


@pytest.mark.parametrize(("ending", "exit_code"), [(signal.SIGINT, 0), (signal.SIGKILL, -9)])
def test_all_servers_stop_with_the_development_server(
    project: Path, ending: signal.Signals, exit_code: int
) -> None:
    port = free_port()

    with process("-m", "dev", "--port", str(port), folder=project) as serving:
        printed = lines_until(serving, "Ctrl-C")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello"
        connection.close()
        serving.send_signal(ending)
        assert serving.wait(20) == exit_code

    shown = dict(row.split() for row in printed if "://" in row and "docs" not in row)
    assert shown["Service"] == f"http://127.0.0.1:{port}"
    assert set(shown) == {"Service", "Health", "PostgreSQL", "Valkey"}
    assert shown["PostgreSQL"].startswith("postgresql://postgres:***@127.0.0.1:")
    assert shown["Valkey"].startswith("redis://:***@127.0.0.1:")
    assert eventually(lambda: all(is_gone(url) for url in shown.values()))


def test_a_command_uses_running_servers_and_starts_the_missing_ones(project: Path) -> None:
    with EmbeddedPostgres(project / ".data/postgres") as running:
        with process("-m", "dev", *ECHO, folder=project) as command:
            database_url, valkey_url = line(command).strip(), line(command).strip()
            assert command.wait(20) == 7

        assert database_url == running.url("app")
        assert is_served(running.port)
        assert eventually(lambda: is_gone(valkey_url))


def test_the_environment_takes_precedence_over_the_env_file(folder: Path) -> None:
    (folder / ".env").write_text("DATABASE_URL=postgresql://mine\nREDIS_URL=redis://mine\n")

    with process("-m", "dev", *ECHO, folder=folder, REDIS_URL="redis://named") as command:
        assert line(command) == "postgresql://mine\n"
        assert line(command) == "redis://named\n"

    assert not (folder / ".data").exists()


def test_a_port_in_use_causes_a_one_line_error(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with process("-m", "dev", "--port", str(port), folder=folder) as refused:
            output, errors = refused.communicate()

    assert (refused.returncode, output) == (1, "")
    assert errors == f"Port {port} is in use: stop what uses it, or choose another with --port.\n"
    assert not list(folder.iterdir())


def test_an_unknown_command_causes_a_one_line_error(folder: Path) -> None:
    with process("-m", "dev", "no-such", folder=folder, **NAMED) as refused:
        _, errors = refused.communicate()

    assert refused.returncode == 1
    assert errors == (
        "There is no command no-such here: `uv sync` installs the project's commands.\n"
    )


def test_an_unusable_data_folder_causes_a_one_line_error(folder: Path) -> None:
    (folder / ".data").write_text("in the way")

    with process("-m", "dev", "true", folder=folder, DATABASE_URL="x://named") as refused:
        _, errors = refused.communicate()

    assert refused.returncode == 1
    assert errors == f"Cannot use {folder}/.data/valkey: Not a directory.\n"


def test_a_failed_migration_causes_a_one_line_error(folder: Path) -> None:
    (folder / "src/app").mkdir(parents=True)
    (folder / "src/app/__init__.py").touch()
    (folder / "src/app/cli.py").write_text("def main(): raise SystemExit(3)")

    with process("-m", "dev", "--port", str(free_port()), folder=folder, **NAMED) as refused:
        _, errors = refused.communicate()

    assert refused.returncode == 1
    assert errors == "`app migrate` failed with exit code 3; the lines above say why.\n"


@pytest.mark.parametrize("module", ["app/cli", "uvicorn"])
def test_an_interruption_of_a_start_prints_no_traceback(folder: Path, module: str) -> None:
    (folder / "src/app").mkdir(parents=True)
    for name, code in {"app/__init__": "", "app/cli": "def main(): pass", module: WAIT}.items():
        (folder / f"src/{name}.py").write_text(code)

    with process("-c", OWN_GROUP, str(free_port()), folder=folder, **NAMED) as starting:
        lines_until(starting, "waiting")
        os.killpg(starting.pid, signal.SIGINT)
        output, errors = starting.communicate(timeout=20)

    assert "Traceback" not in output + errors
    assert starting.returncode in {0, 128 + signal.SIGINT}
