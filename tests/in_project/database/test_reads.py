"""Reads without a transaction, and the events of an owner that prepare transactions."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, Select, event, func, select, text
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from app.api.deps import DbReads
from app.core.lists.cursors import Cursors
from app.core.lists.query import keyset_page, offset_page
from app.database import Database
from app.models.user import User
from app.resources import create_database
from app.services.accounts.administration import USERS, UserQuery
from tests.clients import HASHED_PASSWORD, client_of
from tests.conftest import MakeApp, MakeSettings, MakeUser
from tests.databases import RolledBackDatabase, execute
from tests.in_project.resources.test_listing import KNOWN, PeopleQuery, walk

EMAILS = select(User.email).order_by(User.email)
# A role that may read all tables, to which policies apply.
READER = "SET LOCAL ROLE pg_read_all_data"
CURSORS = Cursors(["a key"])


@pytest.fixture
def url(own_database: str) -> Iterator[str]:
    """The URL of a database in which a policy shows only Ada to other roles."""
    for statement in (
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY only_ada ON users USING (email = 'ada@example.com')",
    ):
        execute(own_database, statement)
    yield own_database
    execute(own_database, "DROP POLICY only_ada ON users")
    execute(own_database, "ALTER TABLE users DISABLE ROW LEVEL SECURITY")


@pytest.fixture
async def real(make_settings: MakeSettings, url: str) -> AsyncGenerator[Database]:
    database = create_database(make_settings(database_url=url))
    async with database.begin() as session:
        for name in ("ada", "grace"):
            session.add(User(email=f"{name}@example.com", hashed_password=HASHED_PASSWORD))
    yield database
    await database.dispose()


async def emails(database: Database, statement: Select[Any] = EMAILS) -> list[str]:
    return [row.email for row in await database.fetch_all(statement, {})]


async def test_each_read_is_a_transaction_of_its_own(make_app: MakeApp, own_database: str) -> None:
    app = await make_app(database_url=own_database)

    @app.get("/times")
    async def read_times(reads: DbReads) -> list[object]:
        [[first]] = await reads.fetch_all(select(func.now()), {})
        [[second]] = await reads.fetch_all(select(func.now()), {})
        return [first, second]

    first, second = (await client_of(app).get("/times")).json()

    assert first < second


async def test_all_rows_are_read_with_the_columns_of_an_entity(real: Database) -> None:
    rows = await real.fetch_all(select(User).order_by(User.email), {})

    assert [row.email for row in rows] == ["ada@example.com", "grace@example.com"]
    assert {"id", "full_name", "created_at"} < {*rows[0]._fields}


async def test_an_event_of_sessions_applies_to_reads(real: Database) -> None:
    """AUZ-03. Such as for row-level security."""

    def limit(_session: Session, _transaction: object, connection: Connection) -> None:
        connection.execute(text(READER))

    grace = select(User.email).where(User.email == "grace@example.com")
    assert await emails(real) == ["ada@example.com", "grace@example.com"]
    event.listen(Session, "after_begin", limit)
    try:
        assert await emails(real) == ["ada@example.com"]
        assert await emails(real, grace) == []
        assert await real.fetch_one(grace, {}) is not None  # as the documentation says
    finally:
        event.remove(Session, "after_begin", limit)
    assert await emails(real) == ["ada@example.com", "grace@example.com"]


async def test_criteria_that_an_event_adds_apply_to_offset_pages(real: Database) -> None:
    """AUZ-03. Such as for rows that are only marked as deleted."""

    def limit(state: ORMExecuteState) -> None:
        only_ada = with_loader_criteria(User, User.email == "ada@example.com", include_aliases=True)
        state.statement = state.statement.options(only_ada)

    event.listen(Session, "do_orm_execute", limit)
    try:
        page = await offset_page(real, USERS, UserQuery())
        async with real.begin() as session:
            of_session = await offset_page(session, USERS, UserQuery())
    finally:
        event.remove(Session, "do_orm_execute", limit)

    assert [row["email"] for row in page.items] == ["ada@example.com"]
    assert (page.total, [user.email for user in of_session.items]) == (1, ["ada@example.com"])


@pytest.mark.parametrize("name", ["begin", "engine_connect"])
async def test_an_event_of_connections_applies_to_reads(real: Database, name: str) -> None:
    """AUZ-03"""

    @event.listens_for(real.engine.sync_engine, name)
    def limit(connection: Connection) -> None:
        connection.execute(text(READER))

    assert await emails(real) == ["ada@example.com"]


@pytest.mark.parametrize("prepares", [True, False])
async def test_rows_of_tables_and_functions_are_read(real: Database, *, prepares: bool) -> None:
    """Where an event prepares transactions, the rows are read in one."""
    if prepares:
        event.listen(real.engine.sync_engine, "begin", lambda _: None)

    assert await real.fetch_all(select(func.length("four")), {}) == [(4,)]
    assert await real.fetch_all(select(func.count()).select_from(User.__table__), {}) == [(2,)]


async def test_an_event_of_the_pool_applies_to_reads(real: Database) -> None:
    """AUZ-03"""

    @event.listens_for(real.engine.sync_engine, "checkout")
    def limit(connection: Any, *_: object) -> None:
        with closing(connection.cursor()) as cursor:
            cursor.execute("SET SESSION ROLE pg_read_all_data")
            connection.commit()

    for _ in range(4):
        assert await emails(real) == ["ada@example.com"]
        assert await real.fetch_one(select(func.count()).select_from(User), {}) == (1,)


@pytest.mark.parametrize("offset", [0, 1, 5])
async def test_pages_are_the_same_with_a_session_and_without(
    database: RolledBackDatabase, make_user: MakeUser, offset: int
) -> None:
    for name in ("ada", "ben", "cleo"):
        await make_user(f"{name}@example.com")
    query, first = UserQuery(limit=2, offset=offset), PeopleQuery(limit=2)

    async with database.begin() as session:
        counted = await offset_page(session, USERS, query)
        keyed = await keyset_page(session, CURSORS, KNOWN, first, hash="")
    read = await offset_page(database, USERS, query)

    assert await keyset_page(database, CURSORS, KNOWN, first, hash="") == keyed
    assert [row["email"] for row in read.items] == [user.email for user in counted.items]
    assert [*read.items[0]] == [*keyed.items[0]] if read.items else offset == 5
    assert (read.total, read.limit, read.offset) == (counted.total, 2, offset)


async def test_pages_with_null_keys_are_read_without_a_session(
    database: RolledBackDatabase, make_user: MakeUser
) -> None:
    for name in ("ada", "ben", "cleo"):
        await make_user(f"{name}@example.com", full_name="Jones" if name == "ben" else None)

    assert await walk(database, limit=1, sort="name") == ["ben", "ada", "cleo"]
    assert await walk(database, limit=2, sort="-name") == ["cleo", "ada", "ben"]
