"""Two requests at once. They must end as if one had come after the other."""

import asyncio
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from httpx import Response

from app.database import Database
from dev.prove.attacks.checks import ERRORS, SERVER_ERRORS, cannot, check, has_json, report
from dev.prove.attacks.committing import database
from dev.prove.attacks.concurrency import at_once, restore, server_errors, state, successes, twice
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared
from dev.prove.attacks.stored import Stored, all_rows
from dev.prove.operations import Operation, vary

__all__ = ["database"]

DECIMAL = re.compile(r"-?\d+\.\d+")
OTHER_VERSION = {"If-Match": '"none"'}


@check("race", lambda operation: operation.writes)
async def test_two_requests_at_once_end_as_one_after_the_other(
    operation: Operation, prepared: Prepare, database: Database
) -> None:
    request = await prepared(operation)
    await compare(request, database, "two requests at once", {})


async def compare(
    request: Prepared, database: Database, what: str, changed: dict[str, Any]
) -> None:
    """Compare two requests at once with two, one after the other."""
    before = await all_rows(database)
    states, alone = [state(before)], list[Response]()
    for _ in range(2):
        alone.append(await request.send(**changed))
        states.append(state(await all_rows(database)))
    ended = successes(alone)
    if failed := [each.status_code for each in alone if each.status_code >= SERVER_ERRORS]:
        report([f"the second of two equal requests is answered with {failed[0]}"])
    if not ended:
        cannot("the request in tests/access is refused")
    await restore(database, before)
    responses = await at_once(database, *twice(request, **changed))

    problems = server_errors(responses)
    if successes(responses) > ended:
        problems.append(f"{what} both succeeded, and one after the other only the first does")
    elif not problems and state(await all_rows(database)) not in states[successes(responses) :]:
        problems.append(f"{what} leave other values than one after the other")
    report(problems)


def takes(header: str, operation: Operation) -> bool:
    return header in operation.parameters("header")


@check("idempotency", lambda operation: operation.writes and takes("Idempotency-Key", operation))
async def test_requests_with_one_idempotency_key_have_one_effect(
    operation: Operation, prepared: Prepare, database: Database
) -> None:
    request = await prepared(operation)
    changed: dict[str, Any] = {"headers": {"Idempotency-Key": "prove-1"}}
    before = await all_rows(database)
    first, second = [await request.send(**changed) for _ in range(2)]
    once = state(await all_rows(database))
    if first.status_code >= ERRORS:
        cannot("the request in tests/access is refused")
    if second.content != first.content:
        report(["a retry with the same key is not answered with the first response"])
    others = [role for role in operation.roles if role not in {request.actor, "anonymous"}]
    for role in others:
        if (await request.send(role, **changed)).content == first.content:
            report([f"the {role} gets the response to the owner's request with the same key"])
    await restore(database, before)
    responses = await at_once(database, *twice(request, **changed))
    problems = server_errors(responses)
    if state(await all_rows(database)) != once:
        problems.append("two requests at once with the same key both have an effect")
    report(problems)


@check("lost update", lambda each: each.writes and takes("If-Match", each))
async def test_only_one_of_two_changes_of_a_version_succeeds(
    operation: Operation, prepared: Prepare, database: Database
) -> None:
    request = await prepared(operation)
    changed: dict[str, Any] = {"headers": {"If-Match": await version_of(request)}}
    if (status := (await request.send(headers=OTHER_VERSION)).status_code) < ERRORS:
        report([f"a change with the If-Match of another version is answered with {status}"])
    responses = await at_once(database, *twice(request, **changed))
    problems = server_errors(responses)
    if successes(responses) > 1:
        problems.append("two concurrent changes with the same If-Match both succeeded")
    report(problems)
    if not successes(responses):
        cannot("the service refuses the request with the ETag of its path")


async def version_of(request: Prepared) -> str:
    """Return the ETag of the path, or else of the nearest path above that has one."""
    client, path = request.callers[request.actor], request.url
    while path.strip("/"):
        read = await client.get(path)
        if read.is_success and "etag" in read.headers:
            return read.headers["etag"]
        path = path.rpartition("/")[0]
    return cannot("no GET of the path, or of a path above, returns an ETag")


@check("lost update", lambda each: each.method == "PATCH" and has_json(each))
async def test_two_changes_of_different_members_are_both_kept(
    operation: Operation, prepared: Prepare, database: Database
) -> None:
    request = await prepared(operation)
    now = (await request.must_succeed()).json()
    bodies = await accepted_bodies(request, database, now)
    tasks = [asyncio.ensure_future(request.send_json(body)) for body in bodies[:2]]
    responses = await at_once(database, *tasks)
    problems = server_errors(responses)
    if successes(responses) == len(bodies):
        rows = await all_rows(database)
        lost = [name for body in bodies for name in body if not is_stored(body, rows)]
        problems += [f"a concurrent change of another member undid that of {name}" for name in lost]
    report(problems)


def is_stored(body: Mapping[str, Any], rows: Stored) -> bool:
    """Return whether a row of any table has the values of a body."""
    every = [row for found in rows.values() for row in found]
    return any(all(str(row.get(name)) == str(body[name]) for name in body) for row in every)


def is_decimal(value: Any) -> bool:
    """Return whether a value is a decimal number, which JSON has as a text."""
    return isinstance(value, str) and DECIMAL.fullmatch(value) is not None


async def accepted_bodies(
    request: Prepared, database: Database, now: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return two bodies that change one member each, which the service accepts and stores."""
    bodies = []
    members = request.operation.members(request.operation.body)
    for member in sorted(members, key=lambda name: is_decimal(now.get(name))):
        if type(now.get(member)) not in {int, str}:
            continue
        value = now[member]
        body = {member: str(Decimal(value) + 1) if is_decimal(value) else vary(value, 1)}
        if (response := await request.send_json(body)).status_code < ERRORS:
            if response.content and is_stored(body, await all_rows(database)):
                bodies.append(body)
            await request.send_json({member: now[member]})
    if len(bodies) < 2:
        cannot("the service accepts changes of fewer than two members")
    return bodies[:2]
