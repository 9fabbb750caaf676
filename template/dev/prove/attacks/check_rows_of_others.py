"""Rows of two users: ids of both in one path, and writes that reach the rows of the other."""

from app.models.user import User
from dev.prove.attacks.checks import ERRORS, cannot, check, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.stored import all_rows, changes, copy_rows_of
from dev.prove.operations import Operation
from tests.access import NAME
from tests.databases import RolledBackDatabase


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
