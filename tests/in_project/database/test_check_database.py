"""`app check --database`, which checks that the database allows enough connections."""

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner, Result

from app.cli import main
from app.config import get_settings
from tests.clients import SECRET_KEY
from tests.databases import execute

pytestmark = pytest.mark.usefixtures("log_lines")


@pytest.fixture
def database_url(monkeypatch: pytest.MonkeyPatch, own_database: str) -> Iterator[str]:
    """The database URL in an environment with two workers of ten connections each."""
    get_settings.cache_clear()
    for name, value in (
        ("ENVIRONMENT", "test"),
        ("SECRET_KEY", SECRET_KEY),
        ("DATABASE_URL", own_database),
        ("DATABASE_POOL_SIZE", "10"),
        ("WEB_CONCURRENCY", "2"),
    ):
        monkeypatch.setenv(name, value)
    yield own_database
    limit(own_database, -1)
    get_settings.cache_clear()


def check() -> Result:
    return CliRunner().invoke(main, ["check", "--database"])


def limit(url: str, number: int) -> None:
    """Set the connection limit of the database."""
    execute(url, f'ALTER DATABASE "{make_url(url).database}" CONNECTION LIMIT {number}')


def test_the_database_check_passes_with_enough_connections(database_url: str) -> None:
    """RES-08"""
    limit(database_url, 44)

    result = check()

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "The settings are valid for test.",
        "21 connections are needed (2 workers x 10, and 1 for a command) and 44 are available:"
        " enough for 2 instances.",
    ]


def test_the_database_check_fails_with_too_few_connections(database_url: str) -> None:
    """RES-08"""
    limit(database_url, 20)

    result = check()

    assert result.exit_code == 1
    assert "and 20 are available: lower DATABASE_POOL_SIZE or WEB_CONCURRENCY" in str(
        result.exception
    )


def test_connections_reserved_for_superusers_are_not_available(database_url: str) -> None:
    """RES-08"""
    most, kept = (
        sum(int(execute(database_url, f"SHOW {name}")[0][0]) for name in names)
        for names in (["max_connections"], ["superuser_reserved_connections"])
    )

    [_, sentence] = check().output.splitlines()

    assert f"and {most - kept} are available" in sentence
