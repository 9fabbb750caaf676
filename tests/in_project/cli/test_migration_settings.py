"""The settings of `app migrate`."""

import pytest

from tests.databases import new_database
from tests.in_project.cli.test_cli import environment, last_line, run

__all__ = ["environment"]  # a fixture

pytestmark = pytest.mark.usefixtures("log_lines")


def test_migrate_needs_no_settings_but_those_of_the_database(
    environment: pytest.MonkeyPatch, server_url: str
) -> None:
    """CFG-05"""
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "REDIS_URL", "RATE_LIMIT_STORAGE"):
        environment.delenv(name, raising=False)
    environment.setenv("CORS_ORIGINS", "of no interest")
    with new_database(server_url) as url:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        environment.setenv("ENVIRONMENT", "production")
        environment.setenv("DATABASE_URL", plain)
        result = run("migrate")

    assert last_line(result) == "The database is at revision head."


def test_migrate_reports_each_invalid_setting_in_one_line(environment: pytest.MonkeyPatch) -> None:
    """CFG-01"""
    environment.setenv("ENVIRONMENT", "production")
    environment.setenv("DATABASE_URL", "postgresql://app:postgres@localhost/app")
    weak = run("migrate")
    environment.setenv("DATABASE_URL", "nonsense")
    invalid = run("migrate")
    environment.setenv("LOG_LEVEL", "loud")
    unknown = run("migrate")

    assert last_line(weak) == "DATABASE_URL must contain a password that is not well known"
    assert last_line(invalid).startswith("DATABASE_URL must be a URI such as postgresql://")
    assert last_line(unknown).startswith("LOG_LEVEL: Input should be 'debug', 'info'")
    assert {weak.exit_code, invalid.exit_code, unknown.exit_code} == {1}
