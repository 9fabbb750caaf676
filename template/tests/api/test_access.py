"""Who may do what: every operation as each kind of caller, as the tables in `tests/access` say."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import ScalarSelect, Table, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.core.opaque_tokens import hash_code
from app.models import Base
from app.models.password_reset import PasswordResetCode
from app.models.session import UserSession
from app.models.user import User
from tests import access
from tests.access.accounts import CODE, REFRESH_TOKEN
from tests.clients import StoppedClock, client_of, problem
from tests.conftest import MakeUser
from tests.databases import RolledBackDatabase

ROLES = ("anonymous", "stranger", "owner", "administrator")

TABLES = [import_module(f"tests.access.{each.name}") for each in iter_modules(access.__path__)]
ACCESS: dict[str, tuple[int, ...]] = {}
BODIES: dict[str, dict[str, Any]] = {}
for table in TABLES:
    ACCESS |= table.ACCESS
    BODIES |= table.BODIES


def digest(table: Table) -> ScalarSelect[str]:
    """Make one text of all rows of a table, in whatever order they are stored."""
    row = cast(table.table_valued(), Text)
    rows = func.string_agg(row, aggregate_order_by(literal("\n"), row))
    return select(func.md5(rows)).select_from(table).scalar_subquery()


DIGESTS = select(*map(digest, Base.metadata.sorted_tables))


@pytest.fixture
async def owner(user: User, database: RolledBackDatabase, clock: StoppedClock) -> User:
    """The user, with the refresh token and the code for a new password that the table knows."""
    async with database.begin() as session:
        opened = await session.get_one(UserSession, user.id)
        opened.family_hash = REFRESH_TOKEN.family_hash
        opened.token_hash = REFRESH_TOKEN.token_hash
        until = clock() + timedelta(hours=1)
        code = PasswordResetCode(user_id=user.id, code_hash=hash_code(CODE), expires_at=until)
        session.add(code)
    return user


@pytest.fixture
async def callers(
    app: FastAPI,
    owner: User,
    admin: User,
    make_user: MakeUser,
    make_token: Callable[[User], str],
) -> dict[str, AsyncClient]:
    """One caller for each role; there is another administrator, so that this one may go."""
    await make_user("other@example.com", is_superuser=True)
    people = [await make_user("eve@example.com"), owner, admin]
    clients = [client_of(app), *(client_of(app, make_token(person)) for person in people)]
    return dict(zip(ROLES, clients, strict=True))


async def path_of(path: str, owner: User, client: AsyncClient) -> str:
    """Name the owner's account and session in a path, or what is made for them first."""
    for name in ("{user_id}", "{session_id}"):  # a user's first session has the user's id
        path = path.replace(name, str(owner.id))
    collection, _, rest = path.partition("/{")
    if not rest:
        return path
    made = await client.post(collection, **BODIES[f"POST {collection}"])
    return f"{collection}/{made.json()['id']}{rest.partition('}')[2]}"


async def stored(database: RolledBackDatabase) -> object:
    """Return what tells the content of every table from any other."""
    return await database.fetch_one(DIGESTS, {})


async def test_every_operation_has_its_row_and_every_row_its_operation(app: FastAPI) -> None:
    """AUZ-01, AUZ-12. For an operation of your own, add a row to a table in `tests/access`."""
    described = {
        f"{method.upper()} {path}"
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }

    assert {*ACCESS} == described


@pytest.mark.parametrize("operation", ACCESS)
async def test_an_operation_answers_each_role_as_its_row_says(
    callers: dict[str, AsyncClient], owner: User, database: RolledBackDatabase, operation: str
) -> None:
    """AUZ-01, AUZ-02, AUZ-04, AUZ-10, AUZ-12, TOK-13, HDR-09, HTT-09, SES-11.

    Who is refused changes nothing; nobody is given a cookie.
    """
    method, path = operation.split()
    url = await path_of(path, owner, callers["owner"])
    before = await stored(database)

    for role, status in zip(ROLES, ACCESS[operation], strict=True):
        async with database.undone():
            response = await callers[role].request(method, url, **BODIES.get(operation, {}))

            check_answer(response, status, role)
            assert status < 400 or await stored(database) == before


def check_answer(response: Response, status: int, role: str) -> None:
    """Check what every answer of that status has."""
    assert response.status_code == status, role
    assert "set-cookie" not in response.headers
    if status == 204:
        assert response.content == b""
    elif status < 400:
        assert response.headers["content-type"] == "application/json"
    else:
        names = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND"}
        assert problem(response)["error_code"] == names[status]
        assert response.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
