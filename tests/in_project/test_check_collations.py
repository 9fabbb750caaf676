"""`app check --database` with unsuitable encodings and collations."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from app.cli import main
from app.config import get_settings
from tests.clients import SECRET_KEY
from tests.databases import execute, migrate

pytestmark = pytest.mark.usefixtures("log_lines")


@pytest.fixture(params=["SQL_ASCII", "LATIN1", "UTF8"])
def database(
    request: pytest.FixtureRequest, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of a migrated database with one of the encodings, which the environment also has."""
    url = make_url(server_url).set(database=f"test_{uuid4().hex}")
    options = f"TEMPLATE template0 ENCODING {request.param} LOCALE_PROVIDER libc LOCALE 'C'"
    execute(server_url, f"CREATE DATABASE {url.database} {options}")
    migrate(url.set(drivername="postgresql+asyncpg"))
    get_settings.cache_clear()
    for name, value in (
        ("ENVIRONMENT", "test"),
        ("SECRET_KEY", SECRET_KEY),
        ("DATABASE_URL", url.render_as_string(hide_password=False)),
    ):
        monkeypatch.setenv(name, value)
    yield url.render_as_string(hide_password=False)
    get_settings.cache_clear()
    execute(server_url, f"DROP DATABASE {url.database} WITH (FORCE)")


def faults() -> list[str]:
    """Return the lines of the error with which the command exits."""
    result = CliRunner().invoke(main, ["check", "--database"])
    assert result.exit_code == (0 if result.exception is None else 1)
    return str(result.exception).splitlines() if result.exception else []


def test_an_encoding_other_than_utf8_is_reported(
    database: str, request: pytest.FixtureRequest
) -> None:
    encoding = request.node.callspec.params["database"]
    said = [fault.partition(". ")[0] for fault in faults()]

    assert said == (
        [f"The encoding of the database is {encoding}, which lacks characters"]
        if encoding != "UTF8"
        else []
    )


@pytest.mark.parametrize("database", ["UTF8"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("ALTER COLLATION app_utf8 RENAME TO other", "The collation app_utf8 is missing"),
        (
            "ALTER COLLATION app_utf8 RENAME TO other;"
            " CREATE COLLATION app_utf8 (provider = libc, locale = 'C')",
            "The collation app_utf8 ignores the case of ASCII letters only",
        ),
        (
            "UPDATE pg_collation SET collversion = '0' WHERE collname = 'app_utf8'",
            "The collations of the operating system have changed",
        ),
        (
            "UPDATE pg_database SET datcollversion = '0' WHERE datname = current_database()",
            None,
        ),
    ],
    ids=["missing", "ASCII", "version", "C has none"],
)
def test_an_unsuitable_collation_is_reported(
    database: str, statement: str, fault: str | None
) -> None:
    for each in statement.split(";"):
        execute(database, each)

    said = faults()

    assert len(said) == (fault is not None)
    assert all(each.startswith(fault or "-") and each.endswith(".") for each in said)
