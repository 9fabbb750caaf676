"""Hooks of schemathesis: callers, ids of existing rows, and checks. `fuzzing` loads them."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, TypeVar
from uuid import uuid4

import pytest
import schemathesis
from httpx import AsyncClient, HTTPError
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.core.security import AccessTokens
from app.models.user import User
from app.resources import create_database
from tests.access import NAME, Given, Row
from tests.access.test_access import ROWS, fill_path
from tests.tokens import add_signed_in

URL, ROLE = os.environ["FUZZED_URL"], os.environ["FUZZED_AS"]
# Texts that must not leave the service.
INSIDE = ("argon2", "asyncpg", "hashed_password", "sqlalchemy", "Traceback")
SECRETS = ("code", "current_password", "new_password", "password", "refresh_token")
SHORTEST_SECRET = 12
LOWEST_ERROR = 400
# A character is encoded in at most 12 bytes, and a request target has at most 16 KiB.
LONGEST = 1_100

T = TypeVar("T")
turns: Counter[str] = Counter()
loop = asyncio.new_event_loop()
Thread(target=loop.run_forever, daemon=True).start()


def wait(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the thread of the event loop, and return its result."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()


class Callers:
    """Users of the role in the database of the service, by their tokens."""

    def __init__(self) -> None:
        settings = Settings(_env_file=None)
        self.database = create_database(settings)
        self.users: dict[str, User] = {}
        self._tokens = AccessTokens.create(
            settings.secret_keys,
            settings.algorithm,
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            lifetime=timedelta(hours=1),
        )

    async def add(self) -> str:
        """Add a user with a session; return the access token."""
        now, email = datetime.now(UTC), f"{ROLE}-{uuid4()}@example.com"
        is_superuser = ROLE == "administrator"
        user = await add_signed_in(self.database, email, now, is_superuser=is_superuser)
        token = self._tokens.create_access_token(user.id, user.id, now)
        self.users[token] = user
        return token

    async def names(self, row: Row, token: str) -> dict[str, object]:
        """Add the rows that an operation needs, as rows of the token's user."""
        user = self.users[token]
        headers = {"Authorization": f"Bearer {token}"}
        async with AsyncClient(base_url=URL, headers=headers) as client:
            async with self.database.begin() as session:
                given = Given(user, session, client, datetime.now(UTC))
                names = {"user_id": user.id, "session_id": user.id, **await row.add_rows(given)}
            await fill_path(row, names, client)
        return names


callers = Callers()


class Account:
    """Authenticates calls as a user, and as a new user once the token is invalid."""

    def get(self, _case: Any, _context: Any) -> str:
        return wait(callers.add())

    def set(self, case: Any, data: str, _context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


if ROLE != "anonymous":
    schemathesis.auth()(Account)


def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Use existing ids in every other valid call, because generated ids match no row."""
    for name, value in (case.query or {}).items():
        if isinstance(value, str):  # longer targets do not reach the application
            case.query[name] = value[:LONGEST]
    is_good = case.meta is not None and case.meta.generation.mode.is_positive
    row = ROWS.get(case.operation.label)
    token = (case.headers or {}).get("Authorization", "").removeprefix("Bearer ")
    if not is_good or row is None or token not in callers.users:
        return
    if turns[case.operation.label] % 2 == 0:
        fill_in(case, row, token)
    turns[case.operation.label] += 1


def fill_in(case: Any, row: Row, token: str) -> None:
    """Fill in the ids of the rows that the operation needs, in the path and in the body."""
    try:
        names = wait(callers.names(row, token))
    except (pytest.fail.Exception, HTTPError, SQLAlchemyError):  # the table permits them only once
        return
    for name in NAME.findall(row.path):
        case.path_parameters[name] = str(names[name])
    described = row.sent(names).get("json")
    for member, value in {**row.access.send, **row.body}.get("json", {}).items():
        if isinstance(case.body, dict) and isinstance(value, str) and NAME.search(value):
            case.body[member] = described[member] if described else value
    if isinstance(case.body, dict) and "email" in case.body:
        case.body["email"] = f"{uuid4().hex[:8]}{case.body['email']}"


def no_secrets(_context: Any, response: Any, case: Any) -> None:
    """No response contains a secret of the request, or an internal name of the service."""
    sent = case.body if isinstance(case.body, dict) else {}
    token = (case.headers or {}).get("Authorization", "").removeprefix("Bearer ")
    for secret in [token, *(sent.get(name) for name in SECRETS)]:
        if isinstance(secret, str) and len(secret) >= SHORTEST_SECRET:
            assert json.dumps(secret)[1:-1] not in response.text, "the response repeats a secret"
            assert secret not in response.text, "the response repeats a secret"
    found = [word for word in INSIDE if word in response.text]
    assert not found, f"the response contains {found}"


def problem_details(_context: Any, response: Any, _case: Any) -> None:
    """Every error response has problem details (RFC 9457)."""
    if response.status_code >= LOWEST_ERROR:
        kind = response.headers.get("content-type")
        assert kind == ["application/problem+json"], f"the error is {kind}, not problem details"
        if response.content:
            assert response.json()["status"] == response.status_code


# As calls: without the group `prove`, mypy would reject them as decorators without types.
schemathesis.hook(before_call)
schemathesis.check(no_secrets)
schemathesis.check(problem_details)
