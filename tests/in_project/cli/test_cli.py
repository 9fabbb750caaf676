"""The `app` command."""

import json
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from app import main as app_main
from app.cli import main
from app.config import get_settings
from app.core.auth.password_hash import verify_password
from tests.clients import PASSWORD, SECRET_KEY
from tests.databases import execute, new_database

pytestmark = pytest.mark.usefixtures("log_lines")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment of a command, which reads the settings without cached values."""
    get_settings.cache_clear()
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    yield monkeypatch
    get_settings.cache_clear()


@pytest.fixture
def database_url(environment: pytest.MonkeyPatch, own_database: str) -> str:
    environment.setenv("DATABASE_URL", own_database)
    return own_database


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


def last_line(result: Result) -> str:
    """Return the last line of the output or of the exit message."""
    ending = str(result.exception) if isinstance(result.exception, SystemExit) else ""
    return (ending if ending not in {"", "0", "1", "2"} else result.output).strip().splitlines()[-1]


def users(url: str) -> list[asyncpg.Record]:
    return execute(url, "SELECT * FROM users")


def test_create_admin_reads_the_password_from_the_input(database_url: str) -> None:
    """PWD-11"""
    result = run("create-admin", "root@example.com", typed=f"{PASSWORD}\n")

    assert result.exit_code == 0
    assert last_line(result) == "root@example.com is an administrator."
    [user] = users(database_url)
    assert (user["email"], user["is_superuser"], user["is_active"]) == (
        "root@example.com",
        True,
        True,
    )
    assert verify_password(PASSWORD, user["hashed_password"])


def test_create_admin_generates_and_prints_a_password(database_url: str) -> None:
    """PWD-11"""
    result = run("create-admin", "root@example.com", "--generate")

    assert result.exit_code == 0
    sentence, _, password = last_line(result).removesuffix(".").rpartition(": ")
    assert sentence == "root@example.com is an administrator; password"
    [user] = users(database_url)
    assert verify_password(password, user["hashed_password"])


@pytest.mark.parametrize(
    ("email", "password", "line"),
    [
        ("root", PASSWORD, "email: value is not a valid email address"),
        ("root@example.com", "short", "A password must have at least 15 characters."),
        ("root@example.com", "root@example.com", "This password is easy to guess. "),
        ("root@example.com", "", "password: Value should have at least 1 character, not 0"),
    ],
)
def test_create_admin_rejects_invalid_input_with_a_one_line_error(
    database_url: str, email: str, password: str, line: str
) -> None:
    result = run("create-admin", email, typed=f"{password}\n")

    assert result.exit_code == 1
    assert last_line(result).startswith(line)
    assert users(database_url) == []


def test_create_admin_rejects_an_address_that_already_has_an_account(database_url: str) -> None:
    """ENU-05"""
    run("create-admin", "root@example.com", "--generate")

    result = run("create-admin", "Root@Example.com", "--generate")

    assert result.exit_code == 1
    assert last_line(result) == "This e-mail address already has an account."
    assert len(users(database_url)) == 1


def test_check_reports_that_the_settings_are_valid(database_url: str) -> None:
    result = run("check")

    assert result.exit_code == 0
    assert last_line(result) == "The settings are valid for test."


def test_check_reports_invalid_settings_without_secrets(environment: pytest.MonkeyPatch) -> None:
    """CFG-01"""
    environment.setenv("LOG_LEVEL", "loud")
    environment.setenv("SECRET_KEY", "changethis")

    result = run("check")

    assert result.exit_code == 1
    assert "LOG_LEVEL: Input should be" in str(result.exception)
    assert "changethis" not in str(result.exception)


def test_openapi_prints_the_openapi_document_as_json() -> None:
    result = run("openapi")

    assert result.exit_code == 0
    assert json.loads(result.output)["openapi"].startswith("3.1")


def test_migrate_upgrades_the_database_to_the_newest_revision(
    environment: pytest.MonkeyPatch, server_url: str
) -> None:
    with new_database(server_url) as url:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        environment.setenv("DATABASE_URL", plain)
        result = run("migrate")

        assert result.exit_code == 0
        assert last_line(result) == "The database is at revision head."
        assert users(plain) == []


def test_migrate_reports_an_unknown_revision(database_url: str) -> None:
    result = run("migrate", "nope")

    assert result.exit_code == 1
    assert last_line(result) == "Alembic: Can't locate revision identified by 'nope'."


def test_an_unreachable_database_causes_a_one_line_error(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://somebody:secret@127.0.0.1:1/none")

    for command in (["migrate"], ["create-admin", "--generate", "ada@example.com"]):
        result = run(*command)

        assert result.exit_code == 1
        assert last_line(result).startswith("The database cannot be used: ")
        assert "secret" not in last_line(result)


def test_migrate_fails_outside_the_project(
    database_url: str, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.chdir(tmp_path)

    result = run("migrate")

    assert result.exit_code == 1
    assert last_line(result).startswith("There is no alembic.ini here")


def test_the_application_is_created_on_first_access(database_url: str) -> None:
    try:
        assert app_main.app is app_main.app
        assert app_main.app.title == get_settings().app_name
    finally:
        del app_main.app
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = app_main.nothing
