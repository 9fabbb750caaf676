"""The help of the `app` command, and its messages about the database."""

import re
from socket import gaierror
from typing import Any

import asyncpg
import pytest

from tests.in_project.cli.test_cli import environment, last_line, run

__all__ = ["environment"]  # a fixture

COMMANDS = ["migrate", "create-admin", "reset-password", "purge", "check", "openapi"]

pytestmark = pytest.mark.usefixtures("log_lines")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (gaierror(-2, "Name or service not known"), "db.invalid: [Errno -2] Name or service"),
        (TimeoutError(), "db.invalid: no response in time"),
    ],
)
def test_a_host_that_does_not_answer_is_named(
    error: OSError, reason: str, environment: pytest.MonkeyPatch
) -> None:
    async def fail(**options: Any) -> None:
        raise error

    environment.setattr(asyncpg, "connect", fail)
    environment.setenv("DATABASE_URL", "postgresql://owner:secret@db.invalid/none")

    assert last_line(run("purge")).startswith(f"The database cannot be used: {reason}")


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_the_help_shows_no_type_beside_a_flag(command: list[str]) -> None:
    result = run(*command, "--help")

    assert result.exit_code == 0
    assert re.search(r"--help +Show this message", result.output)
    assert "bool" not in result.output
