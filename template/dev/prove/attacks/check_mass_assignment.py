"""Members that a client must not set, such as ids, owners, times and rights."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from httpx import Response
from sqlalchemy import Column

from app.models import Base
from dev.prove.attacks.checks import ERRORS, SERVER_ERRORS, check, has_json, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.stored import USERS, Stored, all_rows, changes
from dev.prove.operations import Operation
from tests.databases import RolledBackDatabase

# No user may set these, even if the body describes them. Administrators may.
RESERVED = {
    "created_at",
    "hashed_password",
    "id",
    "is_admin",
    "is_superuser",
    "owner_id",
    "updated_at",
    "version",
}
MOMENT = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
NUMBER = 98765


@dataclass(frozen=True)
class Injection:
    """A member that the request adds, its value in JSON, and the value that a column would have."""

    member: str
    sent: Any
    stored: Any


@check("mass assignment", lambda operation: operation.writes and has_json(operation))
async def test_members_that_the_service_sets_cannot_be_sent(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    before = await all_rows(database)
    async with database.undone():
        usual = await request.must_succeed()
        changed = changes(before, await all_rows(database))
    stranger = next(row["id"] for row in before["users"] if row["email"].startswith("eve"))

    problems = []
    for injection in injections(operation, changed, usual, stranger):
        async with database.undone():
            response = await request.send_json(request.body | {injection.member: injection.sent})
            after = changes(before, await all_rows(database))
        if response.status_code >= SERVER_ERRORS:
            problems.append(f"member {injection.member} is answered with {response.status_code}")
        elif response.status_code < ERRORS and is_set(injection, after, response):
            problems.append(f"member {injection.member} is set from the body")
    report(problems)


def injections(
    operation: Operation, changed: Stored, usual: Response, stranger: UUID
) -> Iterator[Injection]:
    """Yield members of responses and columns that are not in the description of the body."""
    described = {*operation.members(operation.body)}
    if operation.roles != ("administrator",):
        described -= RESERVED
    seen = set(described)
    for name, rows in changed.items():
        for column in Base.metadata.tables[name].columns:
            value = value_for(column, rows[0][column.name], stranger)
            if column.name not in seen and value is not None:
                seen.add(column.name)
                yield Injection(column.name, as_json(value), value)
    answer = usual.json() if usual.content else {}
    for member, value in answer.items() if isinstance(answer, dict) else ():
        if member not in seen and isinstance(value, bool | int | str):
            sent = not value if isinstance(value, bool) else f"set by the body {value}"
            yield Injection(member, sent, sent)


def value_for(column: Column[Any], now: Any, stranger: UUID) -> Any:
    """Return a value that the column does not have now, or `None` for types without one."""
    if isinstance(now, UUID):
        refers = any(key.column.table is USERS for key in column.foreign_keys)
        return stranger if refers else uuid4()
    if isinstance(now, bool):
        return not now
    if isinstance(now, datetime):
        return MOMENT
    if isinstance(now, int | Decimal):
        return type(now)(NUMBER)
    return f"{now[:8]}zz" if isinstance(now, str) else None


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value if isinstance(value, bool | int | str) else str(value)


def is_set(injection: Injection, changed: Stored, response: Response) -> bool:
    """Return whether a changed row, or the response, has the value that was sent."""
    rows = [row for rows in changed.values() for row in rows]
    if any(row.get(injection.member) == injection.stored for row in rows):
        return True
    answer = response.json() if response.content else None
    return isinstance(answer, dict) and answer.get(injection.member) == injection.sent
