"""Rows of other users: in responses, and as references in bodies. Paths are in `test_access.py`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from httpx import Response
from sqlalchemy import Table

from app.models import Base
from app.models.user import User
from dev.prove.attacks.checks import (
    ERRORS,
    OPERATIONS,
    cannot,
    check,
    has_json,
    is_resource,
    report,
)
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared
from dev.prove.attacks.stored import (
    USERS,
    all_rows,
    changes,
    copy_row,
    ids,
    owner_columns,
    tables_of,
)
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


def references(operation: Operation) -> dict[str, bool]:
    """Return the members of a body that hold an id, and whether they hold a list of ids."""
    found = {}
    for name, schema in operation.members(operation.body).items():
        for each in operation.alternatives(schema):
            items = operation.resolve(each.get("items", {}))
            if "uuid" in {each.get("format"), items.get("format")}:
                found[name] = "items" in each
    return found


def refers_to_others(operation: Operation) -> bool:
    return has_json(operation) and "owner" in operation.roles and bool(references(operation))


@check("ids of others in bodies", refers_to_others)
async def test_a_body_cannot_refer_to_a_row_of_another_user(
    operation: Operation,
    prepared: Prepare,
    database: RolledBackDatabase,
    user: User,
    stranger: User,
) -> None:
    for each in OPERATIONS:  # rows of every resource, which the body may refer to
        if each.row and each.method == "GET" and NAME.search(each.path):
            await prepared(each)
    request = await prepared(operation)
    foreign: dict[str, list[UUID]] = {}
    for table, column, row in tables_of(await all_rows(database), user.id):
        foreign[table.name] = ids(await copy_row(database, table, row, 1, **{column: stranger.id}))
    async with database.undone():
        await request.must_succeed()

    problems, tried = [], 0
    for member, is_list in references(operation).items():
        for id_ in candidates(member, foreign):
            tried += 1
            effect, of_unknown = [
                await effect_of(request, database, member, each, is_list=is_list)
                for each in (id_, uuid4())
            ]
            if effect.status < ERRORS and (effect.tables or effect != of_unknown):
                problems.append(f"member {member} accepts the id of a row of another user")
    report(problems)
    if not tried:
        cannot("no member refers to rows that have an owner")


@dataclass(frozen=True)
class Effect:
    """The effect of an id in a body: the status, and the places that then have the id."""

    status: int
    is_in_response: bool
    tables: frozenset[str]


async def effect_of(
    request: Prepared, database: RolledBackDatabase, member: str, id_: UUID, *, is_list: bool
) -> Effect:
    """Send the request with an id as a member, and compare all rows with those before."""
    value: Any = [str(id_)] if is_list else str(id_)
    before = await all_rows(database)
    async with database.undone():
        response = await request.send_json(request.body | {member: value})
        after = await all_rows(database)
    differing = changes(before, after), changes(after, before)
    tables = {name for each in differing for name, rows in each.items() if str(id_) in str(rows)}
    return Effect(response.status_code, str(id_) in response.text, frozenset(tables))


def candidates(member: str, foreign: Mapping[str, list[UUID]]) -> list[UUID]:
    """Return ids of another user's rows in the tables to which a column of this name refers.

    If no foreign key tells, return the ids of all rows. Tables without an owner are shared.
    """
    targets: set[Table] = {
        key.column.table
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in {member, f"{member}_id"}
        for key in column.foreign_keys
    }
    owned = [table.name for table in targets if table is not USERS and owner_columns(table)]
    return [id_ for name in (owned if targets else foreign) for id_ in foreign.get(name, [])]
