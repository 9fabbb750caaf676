"""Lists have a largest page, however many rows there are."""

from typing import Any

from httpx import Response

from app.models import Base
from app.models.user import User
from dev.prove.attacks.checks import ERRORS, cannot, check, is_resource, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import unexpected
from dev.prove.attacks.stored import all_rows, copy_row, owner_columns, tables_of
from dev.prove.operations import Operation
from tests.databases import RolledBackDatabase

ROWS = 250
FAR_TOO_MANY = 10**6
NAMES_OF_LIMITS = ("limit", "page_size", "per_page", "size")


def is_list(operation: Operation) -> bool:
    """Return whether a GET returns an array, or an object with an array of objects."""
    if operation.method != "GET" or not is_resource(operation):
        return False
    members = operation.members(operation.answer).values()
    return operation.answer.get("type") == "array" or any(
        operation.resolve(each.get("items", {})).get("type") == "object" for each in members
    )


@check("unbounded list", is_list)
async def test_a_list_has_a_largest_page(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase, user: User
) -> None:
    request = await prepared(operation)
    await copy_rows(database, user)

    response = await request.must_succeed()
    number = listed(response)
    if number >= ROWS:
        report([f"all {number} rows are returned: a list needs a limit"])
    problems = []
    for name in set(NAMES_OF_LIMITS) & operation.parameters("query").keys():
        asked = await request.send(params={name: FAR_TOO_MANY})
        if asked.status_code < ERRORS and listed(asked) >= ROWS:
            problems.append(f"all {listed(asked)} rows are returned with {name}={FAR_TOO_MANY}")
        problems += [problem for problem in [unexpected(asked)] if problem]
    report(problems)
    if number <= 1:
        cannot("the list contains no copies of rows: add_rows adds none that can be copied")


async def copy_rows(database: RolledBackDatabase, user: User) -> None:
    """Add copies of a user's rows, and of rows without an owner, such as users."""
    rows = await all_rows(database)
    for table, column, row in tables_of(rows, user.id):
        await copy_row(database, table, row, ROWS, **{column: user.id})
    for table in Base.metadata.sorted_tables:
        for row in [] if owner_columns(table) else rows[table.name][:1]:
            await copy_row(database, table, row, ROWS)


def listed(response: Response) -> int:
    """Return the number of objects in the longest array of a response."""
    page: Any = response.json()
    values = [page] if isinstance(page, list) else page.values()
    return max((len(value) for value in values if isinstance(value, list)), default=0)
