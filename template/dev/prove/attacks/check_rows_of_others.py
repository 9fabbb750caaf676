"""Requests with ids of another user in the body or the path, and writes that reach others' rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table

from app.models import Base
from app.models.user import User
from dev.prove.attacks.checks import ERRORS, OPERATIONS, cannot, check, has_json, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared
from dev.prove.attacks.stored import (
    USERS,
    all_rows,
    changes,
    copy_row,
    copy_rows_of,
    ids,
    owner_columns,
    tables_of,
)
from dev.prove.operations import Operation
from tests.access import NAME
from tests.databases import RolledBackDatabase


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


def combines_ids(operation: Operation) -> bool:
    """Return whether a path has several names, and strangers may not use it."""
    is_hidden = "owner" in operation.roles and "stranger" not in operation.roles
    return is_hidden and len(NAME.findall(operation.path)) > 1


@check("ids of others in paths", combines_ids)
async def test_a_path_cannot_combine_ids_of_two_users(
    operation: Operation,
    prepared: Prepare,
    database: RolledBackDatabase,
    user: User,
    stranger: User,
) -> None:
    request = await prepared(operation)
    keys = await copy_rows_of(database, await all_rows(database), user.id, stranger.id)
    async with database.undone():
        await request.must_succeed()

    problems, tried = [], 0
    for name in NAME.findall(operation.path):
        if request.names[name] not in keys:
            continue
        tried += 1
        names = request.names | {name: keys[request.names[name]]}
        url = NAME.sub(lambda each: str(names[each[1]]), operation.path)  # noqa: B023 - used at once
        async with database.undone():
            status = (await request.send(url=url)).status_code
        if status < ERRORS:
            problems.append(f"a {name} of another user beside own ids is answered with {status}")
    report(problems)
    if not tried:
        cannot("no name in the path is the id of a row that has an owner")


@check("rows of others after writes", lambda each: each.writes and "owner" in each.roles)
async def test_a_write_leaves_the_rows_of_other_users_unchanged(
    operation: Operation,
    prepared: Prepare,
    database: RolledBackDatabase,
    user: User,
    stranger: User,
) -> None:
    request = await prepared(operation)
    rows = await all_rows(database)
    await copy_rows_of(database, rows, user.id, stranger.id)
    others = changes(rows, await all_rows(database))
    name = User.__tablename__
    others[name] = [row for row in rows[name] if row["id"] == stranger.id]
    await request.must_succeed()

    touched = changes(await all_rows(database), others)
    report(f"a row of another user in {table} is changed or deleted" for table in touched)
