"""Permissions: every operation returns the statuses in the tables of `tests/access`."""

import re
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from pkgutil import iter_modules

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import ScalarSelect, Table, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.models import Base
from app.models.user import User
from tests import access
from tests.access import NAME, ROLES, Given, Row, read_tables
from tests.clients import StoppedClock, client_of, problem
from tests.conftest import MakeUser
from tests.databases import RolledBackDatabase

ROWS = read_tables(
    import_module(f"tests.access.{each.name}") for each in iter_modules(access.__path__)
)
NO_CONTENT = {HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED}


def digest(table: Table) -> ScalarSelect[str]:
    """Return an SQL expression for a hash of all rows of a table, independent of their order."""
    row = cast(table.table_valued(), Text)
    rows = func.string_agg(row, aggregate_order_by(literal("\n"), row))
    return select(func.md5(rows)).select_from(table).scalar_subquery()


DIGESTS = select(*map(digest, Base.metadata.sorted_tables))


@pytest.fixture
async def callers(
    app: FastAPI,
    user: User,
    admin: User,
    make_user: MakeUser,
    make_token: Callable[[User], str],
) -> dict[str, AsyncClient]:
    """A client for each role. A second administrator exists, since the last cannot be removed."""
    await make_user("other@example.com", is_superuser=True)
    people = [await make_user("eve@example.com"), user, admin]
    clients = [client_of(app), *(client_of(app, make_token(person)) for person in people)]
    return dict(zip(ROLES, clients, strict=True))


async def add_rows(
    row: Row, owner: User, client: AsyncClient, database: RolledBackDatabase, clock: StoppedClock
) -> dict[str, object]:
    """Add the rows that the table needs; return values for the names in braces."""
    # In tests, the first session of a user has the user's id.
    names: dict[str, object] = {"user_id": owner.id, "session_id": owner.id}
    async with database.begin() as session:
        return {**names, **await row.add_rows(Given(owner, session, client, clock()))}


async def fill_path(row: Row, names: dict[str, object], client: AsyncClient) -> str:
    """Replace the names in the path; the owner creates a resource for each name without a value."""
    path = row.path
    while name := NAME.search(path):
        if name[1] not in names:
            names[name[1]] = await create(row, name, names, client)
        path = path.replace(name[0], str(names[name[1]]))
    return path


async def create(
    row: Row, name: re.Match[str], names: dict[str, object], client: AsyncClient
) -> object:
    """As the owner, send POST to the path before a name; return the id in the response."""
    operation = f"POST {row.path.partition(f'/{name[0]}')[0]}"
    if operation not in ROWS:
        row.fail(f"needs a value for {name[0]}: return it from `add_rows` of the table")
    made = await client.post(name.string[: name.start() - 1], **ROWS[operation].sent(names))
    if made.is_error or "id" not in made.json():
        answer = f"`{operation}` answers {made.status_code} without an `id`"
        row.fail(f"needs a value for {name[0]}, and {answer}")
    return made.json()["id"]


async def stored(database: RolledBackDatabase) -> object:
    """Return a hash of each table, to detect any change."""
    return await database.fetch_one(DIGESTS, {})


async def test_access_tables_list_exactly_the_operations_of_the_api(app: FastAPI) -> None:
    """AUZ-01, AUZ-12. A new operation needs a row in one of the tables in `tests/access`."""
    described = {
        f"{method.upper()} {path}"
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }

    if missing := sorted(described - {*ROWS}):
        rows = "".join(f'    "{operation}": Access(owner=200),\n' for operation in missing)
        pytest.fail(
            "Operations have no row in tests/access. Add to ACCESS of the resource's module, with"
            f" the status for each role:\n{rows}",
            pytrace=False,
        )
    for operation in sorted({*ROWS} - described):
        ROWS[operation].fail("is not an operation of the API: remove the row, or correct its path")


@pytest.mark.parametrize("operation", ROWS)
async def test_an_operation_returns_the_expected_status_for_each_role(
    app: FastAPI,
    callers: dict[str, AsyncClient],
    user: User,
    database: RolledBackDatabase,
    clock: StoppedClock,
    operation: str,
) -> None:
    """AUZ-01, AUZ-02, AUZ-04, AUZ-10, AUZ-12, TOK-13, HDR-09, HTT-09, SES-11.

    A rejected request changes nothing; no response sets a cookie.
    """
    row, owner = ROWS[operation], callers["owner"]
    names = await add_rows(row, user, owner, database, clock)
    url = await fill_path(row, names, owner)
    sent = row.sent(names)
    before = await stored(database)

    for role in ROLES:
        status = row.access.status(role)
        async with database.undone():
            response = await callers[role].request(row.method, url, **sent)

            check_answer(response, status, role)
            assert not response.content or media_type(response) in described(app, row, status)
            assert status < 400 or await stored(database) == before


def described(app: FastAPI, row: Row, status: int) -> set[str]:
    """Return the media types in the OpenAPI description; for an error, that of problem details."""
    responses = app.openapi()["paths"][row.path][row.method.lower()]["responses"]
    content = responses.get(str(status), {}).get("content", {})
    return {*content} if status < 400 else {"application/problem+json"}


def media_type(response: Response) -> str:
    return response.headers["content-type"].partition(";")[0]


def check_answer(response: Response, status: int, role: str) -> None:
    """Check the status of a response, and the headers and body that depend on it."""
    assert response.status_code == status, role
    assert "set-cookie" not in response.headers
    if status in NO_CONTENT:
        assert response.content == b""
        assert "content-type" not in response.headers
    elif status >= 400:
        names = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND"}
        error_code = problem(response)["error_code"]
        assert error_code == names.get(status, error_code)
        assert response.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
