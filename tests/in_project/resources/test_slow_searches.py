"""Searches that read many rows have a timeout of their own."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any

import pytest
from fastapi import Query
from sqlalchemy import String, bindparam, cast, func, select, text
from sqlalchemy.exc import DBAPIError

from app.api.deps import CursorsDep, DbReads
from app.core.db.reads import TIMEOUT_MS, fetch_columns
from app.core.exceptions import ValidationError
from app.core.lists.cursors import Cursors
from app.core.lists.filters import Filter, contains_text
from app.core.lists.orders import Order, Orders
from app.core.lists.query import KeysetQuery, OffsetQuery, RowDict, keyset_page, offset_page
from app.core.lists.statements import timeouts_of
from app.database import Database
from app.models.user import User
from app.resources import create_database
from app.services.accounts.administration import UserQuery
from tests.clients import HASHED_PASSWORD, client_of
from tests.conftest import MakeApp, MakeSettings

CURSORS = Cursors(["a key"])
USERS = select(User)
ORDERS = Orders({"id": Order(User.id.asc())})
SLEEP = Filter(lambda name: cast(func.pg_sleep(10), String) != bindparam(name), timeout_ms=20)
ANY = contains_text(User.email)
TOO_SLOW = "The search by sleep took longer than 20 ms. Add filters that select fewer rows."


class KeyedQuery(KeysetQuery):
    sort: Annotated[str, ORDERS] = "id"
    sleep: Annotated[str | None, SLEEP] = None
    q: Annotated[str | None, ANY] = None


class CountedQuery(OffsetQuery):
    sort: Annotated[str, ORDERS] = "id"
    sleep: Annotated[str | None, SLEEP] = None
    q: Annotated[str | None, ANY] = None


@pytest.fixture
async def real(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """A database with one user and one connection."""
    settings = make_settings(
        database_url=own_database, database_pool_size=1, database_statement_timeout_seconds=20
    )
    database = create_database(settings)
    async with database.begin() as session:
        session.add(User(email="ada@example.com", hashed_password=HASHED_PASSWORD))
    yield database
    await database.dispose()


async def pages(source: Any, **asked: str) -> list[list[Any]]:
    """Return the same page with and without a total."""
    keyed = await keyset_page(source, CURSORS, USERS, KeyedQuery(**asked))
    return [keyed.items, (await offset_page(source, USERS, CountedQuery(**asked))).items]


async def timeout(source: Any) -> str:
    [[value]] = (
        await source.fetch_all(select(func.current_setting("statement_timeout")), {})
        if isinstance(source, Database)
        else await source.execute(text("SHOW statement_timeout"))
    )
    return str(value)


@pytest.mark.parametrize("name", ["keyset", "offset"])
async def test_a_search_that_takes_too_long_is_cancelled(real: Database, name: str) -> None:
    """API4, RES-07. Without a transaction, and in the transaction of a session."""

    async def search(source: Any) -> object:
        if name == "keyset":
            return await keyset_page(source, CURSORS, USERS, KeyedQuery(sleep="."))
        return await offset_page(source, USERS, CountedQuery(sleep="."))

    with pytest.raises(ValidationError) as caught:
        await search(real)
    with pytest.raises(ValidationError, match=TOO_SLOW):
        async with real.begin() as session:
            await search(session)

    assert caught.value.extensions["errors"][0]["loc"] == ["query", "sleep"]
    assert await timeout(real) == "20s"


async def test_the_timeout_of_a_search_ends_with_the_search(real: Database) -> None:
    found = await pages(real, q="ADA")
    async with real.begin() as session:
        again = await pages(session, q="ADA")
        within = await timeout(session)

    assert [row["email"] for row in [*found[0], *found[1], *again[0]]] == ["ada@example.com"] * 3
    assert [user.email for user in again[1]] == ["ada@example.com"]
    assert (within, await timeout(real)) == ("20s", "20s")


@pytest.mark.parametrize(
    ("before", "within"),
    [
        ("0", "500ms"),
        *(("100ms", "100ms"), ("0.5s", "500ms"), ("2s", "500ms")),
        *(("3min", "500ms"), ("4h", "500ms"), ("20d", "500ms")),
    ],
)
async def test_a_search_never_takes_longer_than_other_statements_may(
    real: Database, before: str, within: str
) -> None:
    """RES-07"""
    shown = select(func.current_setting("statement_timeout"))
    limited = shown.execution_options(**{TIMEOUT_MS: 500})

    async with real.begin() as session:
        await session.execute(text(f"SET LOCAL statement_timeout = '{before}'"))
        usual = await timeout(session)

        assert [*await fetch_columns(session, limited, {})] == [(within,)]
        assert await timeout(session) == usual


async def test_a_list_without_a_search_has_the_timeout_of_all_statements(real: Database) -> None:
    async with real.begin() as session:
        await session.execute(text("SET LOCAL statement_timeout = 1"))
        with pytest.raises(DBAPIError, match="statement timeout"):
            await keyset_page(
                session, CURSORS, USERS.where(func.pg_sleep(60).is_not(None)), KeyedQuery()
            )


async def test_a_client_learns_that_a_search_took_too_long(
    make_app: MakeApp, own_database: str, real: Database
) -> None:
    app = await make_app(database_url=own_database, database_statement_timeout_seconds=20)

    @app.get("/people")
    async def list_people(
        query: Annotated[KeyedQuery, Query()], reads: DbReads, cursors: CursorsDep
    ) -> Sequence[RowDict]:
        return (await keyset_page(reads, cursors, USERS, query)).items

    response = await client_of(app).get("/people", params={"sleep": "."})

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == TOO_SLOW


def test_the_lists_of_the_service_limit_their_searches() -> None:
    assert timeouts_of(UserQuery, ["q", "is_active"]) == {"q": 500}
