"""Hooks of schemathesis: callers, ids of existing rows, and checks. `fuzzing` loads them."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Coroutine
from threading import Thread
from typing import Any, TypeVar
from uuid import uuid4

import pytest
import schemathesis
from httpx import HTTPError
from sqlalchemy.exc import SQLAlchemyError

from dev.prove.attacks.fuzzing_callers import LOWEST_ERROR, Callers
from dev.prove.operations import read_operations
from tests.access import NAME, Row
from tests.access.test_access import ROWS

ROLE = os.environ["FUZZED_AS"]
# Texts that must not leave the service.
INSIDE = ("argon2", "asyncpg", "hashed_password", "sqlalchemy", "Traceback")
SHORTEST_SECRET = 12
# A character is encoded in at most 12 bytes, and a request target has at most 16 KiB.
LONGEST = 1_100
CONDITIONS = ("If-Match", "If-None-Match")

T = TypeVar("T")
turns: Counter[str] = Counter()
secrets: dict[str, set[str]] = {}
callers = Callers(os.environ["FUZZED_URL"], ROLE)
loop = asyncio.new_event_loop()
Thread(target=loop.run_forever, daemon=True).start()


def wait(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the thread of the event loop, and return its result."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()


class Account:
    """Authenticates calls as a user, and as a new user once the token is invalid."""

    def get(self, _case: Any, _context: Any) -> str:
        return wait(callers.add()).token

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
    label = case.operation.label
    if not is_good or label not in ROWS:
        return
    if turns[label] % 2 == 0:
        fill_in(case, ROWS[label])
    if turns[label] % 4 == 0:  # a generated entity tag is never that of the row
        for name in CONDITIONS:
            (case.headers or {}).pop(name, None)
    turns[label] += 1


def fill_in(case: Any, row: Row) -> None:
    """Send the call as a new user, with the ids of this user's rows in the path and the body."""
    caller = wait(callers.add())
    try:
        known = wait(callers.know(row, caller))
    except (pytest.fail.Exception, HTTPError, SQLAlchemyError):  # the access test reports it
        return
    if "Authorization" in (case.headers or {}):
        case.headers.update(caller.headers)
    for name in NAME.findall(row.path):
        case.path_parameters[name] = str(known.names[name])
    for argument, members in (("json", case.body), ("data", case.body), ("params", case.query)):
        if isinstance(members, dict):
            known.replace(row, argument, members)
    if isinstance(case.body, dict) and "email" in case.body:
        case.body["email"] = f"{uuid4().hex[:8]}{case.body['email']}"


def secrets_of(case: Any) -> set[str]:
    """Return the members of the body that the description marks as passwords."""
    if not secrets:
        for operation in read_operations(case.operation.schema.raw_schema):
            contents = operation.description.get("requestBody", {}).get("content", {})
            secrets[operation.name] = {
                name
                for content in contents.values()
                for name, schema in operation.members(content.get("schema", {})).items()
                if any(each.get("format") == "password" for each in operation.alternatives(schema))
            }
    return secrets[case.operation.label]


def no_secrets(_context: Any, response: Any, case: Any) -> None:
    """No response contains a secret of the request, or an internal name of the service."""
    sent = case.body if isinstance(case.body, dict) else {}
    token = (case.headers or {}).get("Authorization", "").removeprefix("Bearer ")
    for secret in [token, *(sent.get(name) for name in secrets_of(case))]:
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
