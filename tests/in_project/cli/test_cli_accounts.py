"""The `app` commands for accounts and expired rows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import httpx
import pytest

from app.core.auth.opaque_tokens import hash_code
from app.core.auth.passwords import BREACHED
from tests.clients import PASSWORD
from tests.databases import execute
from tests.in_project.cli.test_cli import database_url, environment, last_line, run

__all__ = ["database_url", "environment"]

ONE_SESSION_OVER_AND_ONE_NOT = """
INSERT INTO sessions (id, user_id, family_hash, token_hash, created_at, last_used_at,
    expires_at, absolute_expires_at)
SELECT gen_random_uuid(), users.id, age::text::bytea, '', now(), now(), now() + age, now()
FROM users, unnest(ARRAY['-1 second', '1 hour']::interval[]) AS age
"""

pytestmark = pytest.mark.usefixtures("log_lines")


def test_create_admin_rejects_a_breached_password(
    database_url: str, environment: pytest.MonkeyPatch
) -> None:
    """PWD-05"""
    digest = sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest()

    async def lines() -> AsyncIterator[bytes]:
        yield f"{digest[5:]}:1".encode()

    async def handle(*_: object) -> httpx.Response:
        return httpx.Response(200, content=lines())

    environment.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    environment.setenv("BREACHED_PASSWORDS_URL", "https://breaches.example.com/range/")

    result = run("create-admin", "root@example.com", typed=f"{PASSWORD}\n")

    assert result.exit_code == 1
    assert last_line(result) == BREACHED
    assert execute(database_url, "SELECT * FROM users") == []


def test_reset_password_prints_a_code_that_expires_after_an_hour(database_url: str) -> None:
    """PWD-13"""
    run("create-admin", "root@example.com", typed=f"{PASSWORD}\n")

    result = run("reset-password", "Root@Example.com")

    assert result.exit_code == 0
    sentence, _, code = last_line(result).rpartition(": ")
    assert sentence.startswith("The code for Root@Example.com, valid once and until ")
    [stored] = execute(database_url, "SELECT * FROM password_resets")
    assert stored["code_hash"] == hash_code(code)
    left = stored["expires_at"] - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)


def test_reset_password_fails_for_an_unknown_account(database_url: str) -> None:
    result = run("reset-password", "nobody@example.com")

    assert result.exit_code == 1
    assert last_line(result) == "There is no user with the e-mail address nobody@example.com."


def test_purge_deletes_only_expired_rows(database_url: str) -> None:
    """SES-14"""
    run("create-admin", "root@example.com", typed=f"{PASSWORD}\n")
    execute(database_url, ONE_SESSION_OVER_AND_ONE_NOT)
    for expired in (
        "password_resets SELECT id, 'x', now() - interval '1 second' FROM users",
        "idempotency_keys SELECT id, 'x', 'x', 201, '{}', 'x', now() FROM users",
    ):
        execute(database_url, f"INSERT INTO {expired}")

    results = [run("purge") for _ in range(2)]

    assert [result.exit_code for result in results] == [0, 0]
    assert [last_line(result) for result in results] == [
        "3 expired rows were deleted.",
        "0 expired rows were deleted.",
    ]
    assert len(execute(database_url, "SELECT * FROM sessions")) == 1
    assert execute(database_url, "SELECT * FROM password_resets") == []
    assert execute(database_url, "SELECT * FROM idempotency_keys") == []
