"""Answers that tell the truth: about what is committed, and about what a later read returns."""

from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import Database
from dev.prove.attacks.check_lists import is_list
from dev.prove.attacks.checks import (
    ERRORS,
    OPERATIONS,
    cannot,
    check,
    find,
    is_resource,
    report,
)
from dev.prove.attacks.committing import database
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared
from dev.prove.attacks.stored import Stored, all_rows
from dev.prove.operations import Operation

__all__ = ["database"]

CREATED = 201
NOT_ALLOWED = {401, 403}
SECRET_NAMES = ("hash", "secret", "password")
SHORTEST_SECRET = 8


class AtAnswer:
    """An application that reads the committed rows at the moment at which an answer begins."""

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self._app = app
        self._database = database
        self.committed: Stored = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def read_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.committed = await all_rows(self._database)
            await send(message)

        await self._app(scope, receive, read_and_send)


async def send_through(watched: AtAnswer, request: Prepared) -> Response:
    """Send the request as the actor through another application."""
    headers = request.callers[request.actor].headers
    transport = ASGITransport(watched)
    async with AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        return await client.request(request.operation.method, request.url, **request.sent)


@check("commit after the answer", lambda operation: operation.writes)
async def test_changes_are_committed_before_the_answer(
    operation: Operation, prepared: Prepare, database: Database, app: ASGIApp
) -> None:
    request = await prepared(operation)
    before = await all_rows(database)
    watched = AtAnswer(app, database)
    response = await send_through(watched, request)
    if response.status_code >= ERRORS:
        cannot(f"the request in tests/access is answered with {response.status_code}")
    after = await all_rows(database)

    status = response.status_code
    if watched.committed != after:
        tables = ", ".join(name for name in after if watched.committed[name] != after[name])
        report([f"the answer {status} was sent before changes of {tables} were committed"])
    if status == CREATED and after == before:
        report([f"the answer {status} was sent, and nothing was stored"])


def reads_back(operation: Operation) -> bool:
    reader = reading(operation) if operation.writes else None
    # An emptied list can still be read.
    return reader is not None and not (operation.method == "DELETE" and is_list(reader))


def reading(operation: Operation) -> Operation | None:
    """Return the operation that reads what this one writes, if there is one."""
    if operation.method != "POST":
        return find(OPERATIONS, "GET", operation.path)
    below = [
        each
        for each in OPERATIONS
        if each.path.rpartition("/")[0] == operation.path and each.path.endswith("}")
    ]
    return next((each for each in below if each.method == "GET" and each.roles), None)


@check("read after write", reads_back)
async def test_a_read_returns_what_was_written(
    operation: Operation, prepared: Prepare, database: Database
) -> None:
    request, reader = await prepared(operation), reading(operation)
    assert reader
    client = request.callers[request.actor if request.actor in reader.roles else reader.roles[0]]
    if operation.method != "POST":
        await client.get(request.url)  # fills caches
    response = await request.must_succeed()
    if operation.method == "DELETE":
        status = (await client.get(request.url)).status_code
        report([f"a read after it is answered with {status}"] if status < ERRORS else [])
        return
    written = response.json() if response.content else {}
    if not isinstance(written, dict) or (operation.method == "POST" and "id" not in written):
        cannot("the response contains nothing to compare")
    url = f"{request.url}/{written['id']}" if operation.method == "POST" else request.url
    read = await client.get(url)
    for role in reader.roles:
        if read.status_code in NOT_ALLOWED:
            read = await request.callers[role].get(url)
    report(differences(written, read, request.body))


def differences(written: dict[str, Any], read: Response, sent: dict[str, Any]) -> list[str]:
    """Return a problem for each member whose value differs from the response or the request."""
    if read.status_code in NOT_ALLOWED:
        cannot("the caller may not read what was written")
    if read.status_code >= ERRORS:
        return [f"a read after it is answered with {read.status_code}"]
    now = read.json()
    lost = [name for name in written if name in now and written[name] != now[name]]
    unset = [
        name
        for name, value in sent.items()
        if isinstance(value, bool | int) and name in written and written[name] != value
    ]
    return [
        *(f"a read after it returns another value of {name}" for name in lost),
        *(f"the response does not contain the value of {name} that was sent" for name in unset),
    ]


@check("secrets in responses", is_resource)
async def test_responses_contain_no_stored_secrets(
    operation: Operation, prepared: Prepare, database: Database
) -> None:
    request = await prepared(operation)
    rows = await all_rows(database)
    response = await request.must_succeed()
    after = await all_rows(database)

    secrets = secrets_in(rows) | secrets_in(after)
    text = response.text
    report(f"the response contains {name}" for value, name in secrets.items() if value in text)


def secrets_in(rows: Stored) -> dict[str, str]:
    """Return texts that no response may contain, with the table and the column of each."""
    return {
        value.hex() if isinstance(value, bytes) else str(value): f"{table}.{column}"
        for table, found in rows.items()
        for row in found
        for column, value in row.items()
        if any(name in column for name in SECRET_NAMES)
        if isinstance(value, bytes | str) and len(value) >= SHORTEST_SECRET
    }
