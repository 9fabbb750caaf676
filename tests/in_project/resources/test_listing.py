"""Paginated lists of any resource, tested with users."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

import pytest
from sqlalchemy import String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.db.reads import Reads
from app.core.exceptions import ValidationError
from app.core.lists.cursors import Cursors
from app.core.lists.filters import at_least, at_most, contains_text, equals
from app.core.lists.orders import Order, Orders
from app.core.lists.query import (
    KeysetQuery,
    OffsetQuery,
    SearchText,
    keyset_page,
    offset_page,
)
from app.models.user import User
from app.services.accounts import administration
from tests.conftest import MakeUser
from tests.databases import RolledBackDatabase, counted_statements

CURSORS = Cursors(["a key"])
EMAIL = func.lower(User.email, type_=String())
KNOWN = select(User).where(User.hashed_password != bindparam("hash"))
PEOPLE = ("Ben", "ada", "Cleo", "dan", "Eve")
FULL_NAMES = {"ada": "Smith", "Eve": "Smith", "dan": "Jones"}


class PeopleQuery(KeysetQuery):
    sort: Annotated[
        str,
        Orders(
            {
                "id": Order(User.id.asc()),
                "-email": Order(EMAIL.desc()),
                "up": Order(User.is_superuser.asc(), User.is_active.asc(), User.id.asc()),
                "name": Order(User.full_name.asc().nulls_last(), User.id.asc()),
                "-name": Order(User.full_name.desc().nulls_first(), User.id.desc()),
                "mixed": Order(User.is_superuser.desc(), User.is_active.asc(), User.id.desc()),
            }
        ),
    ] = "id"
    q: Annotated[SearchText | None, contains_text(User.email, User.full_name)] = None
    is_active: Annotated[bool | None, equals(User.is_active)] = None
    first: Annotated[str | None, at_least(User.email)] = None
    last: Annotated[str | None, at_most(User.email)] = None


class TurnedQuery(OffsetQuery):
    sort: Annotated[str, Orders({"email": Order(EMAIL.asc())})] = "email"


@pytest.fixture
async def session(
    database: RolledBackDatabase, make_user: MakeUser
) -> AsyncGenerator[AsyncSession]:
    """The session of a transaction in which five users exist."""
    for number, name in enumerate(PEOPLE):
        flags = {"is_superuser": number > 2, "is_active": number % 2 == 0}
        await make_user(f"{name}@example.com", full_name=FULL_NAMES.get(name), **flags)
    async with database.begin() as session:
        yield session


async def walk(session: AsyncSession | Reads, **asked: Any) -> list[str]:
    """Return the names on all pages, in order."""
    names: list[str] = []
    cursor: str | None = None
    while True:
        query = PeopleQuery(**asked, cursor=cursor)
        page = await keyset_page(session, CURSORS, KNOWN, query, hash="")
        names += [user["email"].partition("@")[0] for user in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return names


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_pages_contain_each_row_once_and_in_order(session: AsyncSession, limit: int) -> None:
    assert await walk(session, limit=limit) == [*PEOPLE]
    assert await walk(session, limit=limit, sort="-email") == ["Eve", "dan", "Cleo", "Ben", "ada"]
    assert await walk(session, limit=limit, sort="up") == ["ada", "Ben", "Cleo", "dan", "Eve"]
    assert await walk(session, limit=limit, sort="mixed") == ["dan", "Eve", "ada", "Cleo", "Ben"]


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_pages_include_rows_with_a_null_sort_key(session: AsyncSession, limit: int) -> None:
    assert await walk(session, limit=limit, sort="name") == ["dan", "ada", "Eve", "Ben", "Cleo"]
    assert await walk(session, limit=limit, sort="-name") == ["Cleo", "Ben", "Eve", "ada", "dan"]


async def test_only_rows_that_match_all_filters_are_returned(session: AsyncSession) -> None:
    assert await walk(session, is_active=False) == ["ada", "dan"]
    assert await walk(session, q="E@") == ["Eve"]
    assert await walk(session, first="Cleo@example.com", last="ada@example.com", limit=1) == [
        *("ada", "Cleo", "Eve")
    ]
    assert await walk(session, q="e", is_active=True, limit=1) == ["Ben", "Cleo", "Eve"]


async def test_a_cursor_is_valid_only_for_its_order_filters_and_scope(
    session: AsyncSession,
) -> None:
    """VAL-17"""
    given = {"limit": 1, "is_active": True}
    page = await keyset_page(session, CURSORS, KNOWN, PeopleQuery(**given), hash="")
    cursor = {"cursor": page.next_cursor}

    again = PeopleQuery(**given | cursor | {"limit": 2})
    assert len((await keyset_page(session, CURSORS, KNOWN, again, hash="")).items) == 2
    for asked, scope in (
        (given | {"sort": "up"}, ""),
        (given | {"is_active": False}, ""),
        (given | {"q": "e"}, ""),
        ({"limit": 1}, ""),
        (given, "another"),
    ):
        query = PeopleQuery(**asked | cursor)
        with pytest.raises(ValidationError) as caught:
            await keyset_page(session, CURSORS, KNOWN, query, hash=scope)
        assert caught.value.extensions["errors"][0]["loc"] == ["query", "cursor"]


async def test_a_cursor_with_keys_that_do_not_match_its_order_is_rejected(
    session: AsyncSession,
) -> None:
    """VAL-17"""
    for keys in (b'["no id"]', b"[]", b'["2", "3"]'):
        cursor = CURSORS.encode(keys, "PeopleQuery", "id", {}, {"hash": ""})
        with pytest.raises(ValidationError):
            await keyset_page(session, CURSORS, KNOWN, PeopleQuery(cursor=cursor), hash="")


async def test_a_page_takes_one_query(session: AsyncSession, engine: AsyncEngine) -> None:
    with counted_statements(engine) as one:
        page = await offset_page(session, select(User), TurnedQuery(limit=2, offset=4))
    with counted_statements(engine) as another:
        await keyset_page(session, CURSORS, KNOWN, PeopleQuery(first="a"), hash="")
    with counted_statements(engine) as search:  # its timeout is set and reset
        await keyset_page(session, CURSORS, KNOWN, PeopleQuery(q="e"), hash="")
    with counted_statements(engine) as last:
        beyond = await offset_page(session, select(User), TurnedQuery(offset=5))

    assert [
        len([each for each in statements if "SAVEPOINT" not in each])
        for statements in (one, another, search, last)
    ] == [1, 1, 3, 1]
    assert [each for each in search if "set_config" not in each] == [search[1]]
    assert (len(page.items), page.total) == (1, 5)
    assert (len(beyond.items), beyond.total) == (0, 5)


async def test_an_empty_list_has_a_total_of_zero(database: RolledBackDatabase) -> None:
    async with database.begin() as session:
        page = await offset_page(session, administration.USERS, TurnedQuery())

    assert (len(page.items), page.total) == (0, 0)


def test_a_nullable_sort_key_needs_a_nulls_order_and_cannot_be_last() -> None:
    with pytest.raises(TypeError, match=r"users\.full_name may be null.* add \.nulls_last\(\) or"):
        Order(func.lower(User.full_name).asc(), User.id.asc())
    with pytest.raises(TypeError, match=r"users\.full_name may be null.* last key"):
        Order(User.id.asc(), User.full_name.asc().nulls_last())
