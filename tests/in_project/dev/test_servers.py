"""The choice of servers, and the removal of disposable servers."""

import shutil
import socket
import stat
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dev.servers import postgres_server, valkey_server
from dev.valkey import EmbeddedValkey
from tests.in_project.dev.processes import eventually, is_served, line, user


def answer(port: int, *commands: str) -> list[str]:
    """Return Valkey's one-line responses to the commands."""
    with socket.create_connection(("127.0.0.1", port)) as client, client.makefile("rw") as stream:
        stream.writelines(f"{command}\r\n" for command in commands)
        stream.flush()
        return [stream.readline().strip() for _ in commands]


def test_the_test_database_url_takes_precedence_over_database_url(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://second")
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://first")

    with postgres_server() as url:
        assert url == "postgresql://first"


def test_the_database_in_database_url_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://named")

    with postgres_server() as url:
        assert url == "postgresql://named"


def test_the_valkey_server_in_redis_url_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://named")

    with valkey_server() as url:
        assert url == "redis://named"


def test_a_disposable_valkey_removes_its_folder_when_it_stops(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    with EmbeddedValkey() as server:
        assert is_served(server.port)
        assert list(folder.iterdir())

    assert not is_served(server.port)
    assert not list(folder.iterdir())


def test_valkey_rejects_commands_without_the_password(folder: Path) -> None:
    with EmbeddedValkey(folder / "valkey") as server:
        refused, *accepted = answer(
            server.port, "PING", f"AUTH {urlsplit(server.url).password}", "PING"
        )

    assert refused == "-NOAUTH Authentication required."
    assert accepted == ["+OK", "+PONG"]
    assert stat.S_IMODE((folder / "valkey/credentials").stat().st_mode) == 0o600


def test_a_disposable_server_is_removed_if_its_owner_is_killed(folder: Path) -> None:
    with user(EmbeddedValkey, folder=folder, TMPDIR=str(folder)) as owner:
        port = int(line(owner))
        assert is_served(port)
        owner.kill()

        assert eventually(lambda: not is_served(port))
        assert eventually(lambda: not list(folder.iterdir()))


def test_a_server_stops_even_if_its_folder_was_removed(folder: Path) -> None:
    with EmbeddedValkey(folder / "valkey") as server:
        shutil.rmtree(folder / "valkey")

    assert not is_served(server.port)
