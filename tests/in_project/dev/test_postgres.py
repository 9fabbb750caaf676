"""The embedded PostgreSQL."""

import asyncio
import os
import stat
import tempfile
from pathlib import Path

import asyncpg
import pytest

from dev.errors import ServerError
from dev.postgres import EmbeddedPostgres
from dev.servers import postgres_server
from tests.in_project.dev.processes import eventually, is_served, line, user


def run(url: str, statement: str) -> object:
    """Run a statement and return its only value."""

    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_a_disposable_postgresql_removes_its_folder_when_it_stops(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    with postgres_server() as url:
        assert run(url, "SHOW fsync") == "off"
        assert run(url, "SELECT lower('Ä')") == "ä"

    with pytest.raises(OSError, match="Connect call failed"):
        run(url, "SELECT 1")
    assert not list(folder.iterdir())


def test_concurrent_processes_with_the_same_folder_share_one_server(project: Path) -> None:
    root = project / ".data/postgres"

    with (
        user(EmbeddedPostgres, root, folder=project) as one,
        user(EmbeddedPostgres, root, folder=project) as other,
    ):
        port = int(line(one))
        assert int(line(other)) == port

    assert eventually(lambda: not is_served(port))


def test_postgresql_rejects_a_connection_without_the_password(project: Path) -> None:
    root = project / ".data/postgres"

    with EmbeddedPostgres(root) as server, pytest.raises(asyncpg.InvalidPasswordError):
        run(f"postgresql://postgres@127.0.0.1:{server.port}/postgres", "SELECT 1")

    assert stat.S_IMODE((root / "credentials").stat().st_mode) == 0o600


def test_a_data_folder_without_its_password_causes_a_one_line_error(project: Path) -> None:
    root = project / ".data/postgres"
    EmbeddedPostgres(root).stop()
    kept = (root / "credentials").rename(root / "kept")

    try:
        with pytest.raises(ServerError, match="has lost its password: delete that folder"):
            EmbeddedPostgres(root)
    finally:
        kept.rename(root / "credentials")


def test_an_embedded_postgresql_ignores_the_variables_of_libpq(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("PGSSLMODE", "PGHOST", "PGPORT", "PGDATESTYLE", "PGCLIENTENCODING", "PGSERVICE")
    for name in (*names, "PGOPTIONS", "PGTARGETSESSIONATTRS", "PGCONNECT_TIMEOUT"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("PGVECTOR_LISTS", "7")

    with EmbeddedPostgres(folder / "postgres") as server:
        server.create_database("mine")
        assert run(server.url("mine"), "SELECT 1") == 1

    assert [name for name in os.environ if name.startswith("PG")] == ["PGVECTOR_LISTS"]


def test_data_survives_a_restart(project: Path) -> None:
    root = project / ".data/postgres"

    with EmbeddedPostgres(root) as server:
        assert run(server.url(), "SHOW fsync") == "on"
        run(server.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedPostgres(root) as server:
        assert run(server.url(), "SELECT answer FROM kept") == 42


def test_a_server_whose_owner_was_killed_runs_until_no_process_uses_it(project: Path) -> None:
    root = project / ".data/postgres"

    with (
        user(EmbeddedPostgres, root, folder=project) as owner,
        user(EmbeddedPostgres, root, folder=project) as last,
    ):
        port = int(line(owner))
        assert int(line(last)) == port
        owner.kill()
        owner.wait()
        with EmbeddedPostgres(root) as joined:
            last.kill()
            last.wait()
            assert run(joined.url(), "SELECT 1") == 1

    assert eventually(lambda: not is_served(port))


def test_the_error_of_a_failed_start_contains_the_end_of_the_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("initdb", "postgres"):
        program = folder / name
        program.write_text(
            '#!/bin/sh\n[ $1 = --version ] && echo "18" || { echo broken; exit 1; }\n'
        )
        program.chmod(0o755)
    monkeypatch.setenv("POSTGRES_BIN", str(folder))
    log = folder / "data/server.log"

    with pytest.raises(ServerError) as caught:
        EmbeddedPostgres(folder / "data")

    assert str(caught.value) == f"PostgreSQL did not start. Its log, {log}, ends with:\n  broken"
