"""Connections of the service, its commands and its migrations with all forms of DATABASE_URL."""

import asyncio
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import URL, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from typer.testing import CliRunner

from app.cli import main as cli
from app.config import Settings, get_settings
from app.core.db.engine import connect, connect_arguments
from app.resources import create_database
from dev.postgres import EmbeddedPostgres
from tests.clients import SECRET_KEY
from tests.databases import execute, migrate, new_database

READ_ONLY = ("default_transaction_read_only=on",)


@pytest.fixture(scope="module")
def sockets() -> Iterator[str]:
    """A folder for sockets with colons in its path, like that of the Cloud SQL proxy."""
    with tempfile.TemporaryDirectory(prefix="a:b:c") as folder:
        Path(folder).chmod(0o777)
        yield folder


@pytest.fixture(scope="module")
def server(sockets: str) -> Iterator[str]:
    with EmbeddedPostgres(options=(f"unix_socket_directories={sockets}",)) as server:
        yield server.url()


@pytest.fixture(scope="module")
def standby(server: str) -> Iterator[int]:
    """The port of a read-only server with the same password as `server`."""
    with EmbeddedPostgres(options=READ_ONLY) as standby:
        writable = f"{standby.url()}?options=-c+default_transaction_read_only%3Doff"
        execute(writable, f"ALTER ROLE postgres PASSWORD '{make_url(server).password}'")
        yield standby.port


@contextmanager
def silent_port() -> Iterator[int]:
    """Yield a port that accepts connections and never responds, like a frozen machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def settings(url: str) -> Settings:
    return Settings(
        _env_file=None, environment="test", database_url=url, secret_key=SECRET_KEY, app_name="ours"
    )


async def shown(url: str, *names: str) -> tuple[str, ...]:
    """Return the server settings that the service's connections have."""
    database = create_database(settings(url))
    try:
        row = await database.fetch_one(select(*map(func.current_setting, names)), {})
        assert row
        return tuple(row)
    finally:
        await database.dispose()


@pytest.mark.parametrize(
    "form",
    [
        "postgresql://{user}:{password}@/{database}?host={folder}&port={port}",
        "postgresql://{user}:{password}@localhost:{port}/{database}?host={folder}",
        "postgresql://{user}:{password}@{encoded}:{port}/{database}",
        "postgres://?host=127.0.0.1&port={port}&user={user}&password={password}&dbname={database}",
        "postgresql://{user}:{password}@127.0.0.1:1,127.0.0.1:{port}/{database}",
        "postgresql://{user}:{password}@{encoded}:1,127.0.0.1:{port}/{database}?sslmode=prefer",
        "postgresql://{user}:{password}@/{database}?host={folder},127.0.0.1&port=1,{port}",
        "postgresql://{user}:{password}@/{database}?host=127.0.0.1&port={port}&host=::1&port=1",
        "postgresql://{user}@127.0.0.1:{port}/{database}?passfile={passfile}",
    ],
)
def test_the_service_connects_with_every_form_of_database_url(
    form: str, server: str, sockets: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(server)
    passfile = tmp_path / "pass"
    passfile.write_text(f"*:*:*:*:{url.password}\n")
    passfile.chmod(0o600)
    values = {
        "user": url.username,
        "password": url.password,
        "port": url.port,
        "database": url.database,
        "folder": sockets,
        "encoded": quote(sockets, safe=""),
        "passfile": passfile,
    }
    assert asyncio.run(shown(form.format(**values), "port")) == (str(url.port),)


@pytest.mark.parametrize(
    ("kind", "first"),
    [("any", True), ("read-write", False), ("read-only", True), ("prefer-standby", True)],
)
def test_a_host_that_matches_target_session_attrs_is_used(
    kind: str, first: bool, server: str, standby: int
) -> None:
    url = make_url(server)
    hosts = f"127.0.0.1:{standby},127.0.0.1:{url.port}"
    address = f"postgresql://postgres:{url.password}@{hosts}/postgres?target_session_attrs={kind}"

    [port] = asyncio.run(shown(address, "port"))

    assert port == str(standby if first else url.port)


def test_the_next_host_is_tried_if_a_host_does_not_respond(server: str) -> None:
    url = make_url(server)
    with silent_port() as port:
        hosts = f"127.0.0.1:{port},127.0.0.1:{url.port}"
        address = f"postgresql://postgres:{url.password}@{hosts}/postgres"

        async def connected_port() -> int:
            connection = await connect(**connect_arguments(address, timeout_seconds=1))
            connected: int = await connection.fetchval("SELECT inet_server_port()")
            await connection.close()
            return connected

        assert asyncio.run(connected_port()) == url.port


def test_server_settings_in_the_database_url_apply_except_the_statement_timeout(
    server: str,
) -> None:
    options = "options=-c%20search_path%3Delsewhere%20-c%20statement_timeout%3D1"
    names = ("application_name", "search_path", "statement_timeout")

    theirs = asyncio.run(shown(f"{server}?application_name=their%20name&{options}", *names))

    # The setting of the service for the statement timeout takes precedence.
    assert theirs == ("their name", "elsewhere", "5s")
    assert asyncio.run(shown(server, *names[:1])) == ("ours",)


@pytest.fixture
def elsewhere(server: str) -> Iterator[URL]:
    """The URL of a database with a schema, which the URL sets as the search path."""
    with new_database(server) as url:
        execute(url, "CREATE SCHEMA elsewhere")
        yield url.update_query_dict({"options": "-c search_path=elsewhere"})


def test_migrations_and_commands_use_the_options_of_the_database_url(
    elsewhere: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = elsewhere.render_as_string(hide_password=False)
    environ = {"ENVIRONMENT": "test", "SECRET_KEY": SECRET_KEY, "DATABASE_URL": address}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()

    migrate(elsewhere)
    checked = CliRunner().invoke(cli, ["check", "--database"])
    created = CliRunner().invoke(cli, ["create-admin", "ada@example.com", "--generate"])
    get_settings.cache_clear()

    assert (checked.exit_code, created.exit_code) == (0, 0), checked.output + created.output
    [[users]] = execute(elsewhere, "SELECT count(*) FROM elsewhere.users")
    assert users == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("sslrootcert=/none/ca.pem&sslmode=require", "sslrootcert of DATABASE_URL cannot be read"),
        ("sslcert=/none/client.crt&sslmode=require", "sslcert of DATABASE_URL cannot be read"),
        ("passfile=/none/pass", "passfile of DATABASE_URL cannot be read"),
        ("sslmode=require", "rejected SSL upgrade"),
        ("sslmode=require&channel_binding=require", "rejected SSL upgrade"),
        ("target_session_attrs=standby", "None of the hosts match the target attribute"),
        ("host=/none", "No such file or directory"),
        ("host=db..example", "db..example: .*label empty or too long"),
    ],
)
def test_the_reason_for_a_failed_connection_is_reported(
    change: str, sentence: str, server: str
) -> None:
    with pytest.raises((ConnectionError, SQLAlchemyError), match=sentence):
        asyncio.run(shown(f"{server}?{change}", "port"))
