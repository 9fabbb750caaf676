"""Rows of other users in responses to lists. Paths with one id are in `test_access.py`."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from httpx import Response

from app.models.user import User
from dev.prove.attacks.checks import ERRORS, OPERATIONS, check, is_resource, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared
from dev.prove.attacks.stored import all_rows, copy_row, tables_of
from dev.prove.operations import Operation, Schema
from tests.access import NAME
from tests.databases import RolledBackDatabase

PAGES = 6
COPIES = 3


def hidden_names() -> set[str]:
    """Return the names in paths whose resources a stranger may not read."""
    return {
        NAME.findall(each.path)[-1]
        for each in OPERATIONS
        if each.row and each.method == "GET" and NAME.search(each.path)
        if each.row.access.status("stranger") in {403, 404}
    }


def is_read_by_strangers(operation: Operation) -> bool:
    return is_resource(operation) and operation.method == "GET" and "stranger" in operation.roles


@check("rows of others in responses", is_read_by_strangers)
async def test_responses_to_a_stranger_contain_no_ids_of_the_owner(
    operation: Operation,
    prepared: Prepare,
    database: RolledBackDatabase,
    user: User,
    stranger: User,
) -> None:
    hidden = {str(user.id)}
    for each in OPERATIONS:
        if each.row and each.path.startswith(operation.path) and NAME.search(each.path):
            names = (await prepared(each)).names
            hidden |= {str(names[name]) for name in hidden_names() & names.keys()}
    request = await prepared(operation)
    for table, column, row in tables_of(await all_rows(database), user.id):
        await copy_row(database, table, row, COPIES, **{column: stranger.id})

    # The owner asks first, so that a cache with a shared key would answer the stranger.
    targets = [request.url, *(f"{request.url}?{query}" for query in queries(operation))]
    problems = []
    for target in targets:
        await request.send("owner", url=target)
        async for page in pages(request, target):
            found = [each for each in hidden if each in page.text and page.status_code < ERRORS]
            where = f" ({target.partition('?')[2]})" if "?" in target else ""
            problems += [f"a stranger reads an id of the owner{where}" for _ in found]
    report(problems)


def queries(operation: Operation) -> Iterator[str]:
    """Yield queries that read all pages, in each order."""
    parameters = operation.parameters("query")
    if "limit" in parameters:
        yield "limit=1"
    for order in orders(operation, parameters.get("sort", {})):
        yield f"sort={order}"
    for name, schema in parameters.items():
        if any(each.get("type") == "string" for each in operation.alternatives(schema)):
            yield from () if name in {"sort", "cursor"} else (f"{name}=e",)


def orders(operation: Operation, schema: Schema) -> list[str]:
    return [order for each in operation.alternatives(schema) for order in each.get("enum", [])]


async def pages(request: Prepared, target: str) -> Any:
    """Yield the first pages that a stranger reads."""
    for _ in range(PAGES):
        response = await request.send("stranger", url=target)
        yield response
        following = response.links.get("next", {}).get("url") or cursor_of(response, target)
        if following is None:
            return
        target = following


def cursor_of(response: Response, target: str) -> str | None:
    page = response.json() if response.content and response.status_code < ERRORS else None
    if not isinstance(page, dict) or not page.get("next_cursor"):
        return None
    path, _, query = target.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("cursor=")]
    return f"{path}?{'&'.join([*kept, 'cursor=' + quote(page['next_cursor'])])}"
