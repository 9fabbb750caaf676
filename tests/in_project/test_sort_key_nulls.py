"""Lists that are sorted by nullable keys."""

from collections.abc import Sequence
from datetime import date
from itertools import cycle, islice, product
from typing import Annotated

import pytest
from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Numeric,
    String,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
)

from app.core.exceptions import ValidationError
from app.core.lists.orders import Order, Orders
from app.core.lists.query import OffsetQuery, keyset_page, offset_page
from app.models.user import User
from tests.databases import RolledBackDatabase
from tests.in_project.keysets import CURSORS, keyed_rows, ordered, query_by, walk

DATES = ("-infinity", "2026-01-01", "9999-12-31", "infinity")
DIRECTIONS = ("asc", "desc")
NULLS = ("nulls_first", "nulls_last")


@pytest.mark.parametrize("ways", [*product(DIRECTIONS, NULLS)])
async def test_pages_are_sorted_by_several_nullable_keys(
    database: RolledBackDatabase, ways: Sequence[str]
) -> None:
    async with keyed_rows(database, Date(), DATES) as (session, table):
        rows = select(table.c.id)
        for more in product(DIRECTIONS, NULLS, DIRECTIONS):
            rank, key = ordered(table.c.rank, *ways), ordered(table.c.key, *more[:2])
            keys = [rank, key, ordered(table.c.id, more[2])]
            whole = [*await session.scalars(rows.order_by(*keys))]
            for limit in (1, 2):
                assert await walk(session, rows, Order(*keys), limit) == whole, (more, limit)


@pytest.mark.parametrize("direction", DIRECTIONS)
async def test_pages_can_be_sorted_by_nullable_and_computed_expressions(
    database: RolledBackDatabase, direction: str
) -> None:
    async with keyed_rows(database, Integer(), ("1", "2147483647", "-3")) as (session, table):
        id_, other = table.c.id, table.alias("other")
        total = func.sum(cast(id_, BigInteger)).over(order_by=id_.desc())
        inner = select(id_, case((id_ > 2, id_)).label("some"), total.label("total")).subquery()
        rows = select(id_)
        few = select(id_).outerjoin(other, and_(other.c.id == id_, other.c.id % 2 == 0))
        all_ = select(id_).select_from(table.join(other, other.c.id == id_ - 3, full=True))
        one = select(other.c.id).where(other.c.id == id_, other.c.id > 3)
        for asked, key, last in (
            (rows, func.nullif(id_, 3, type_=Integer()), id_),
            (rows, func.coalesce(table.c.key, 0), id_),
            (rows, one.scalar_subquery(), id_),
            (rows, cast(id_, String(1)) + cast(id_, String(1)) + "x", id_),
            (rows, cast(id_, Numeric(3, 1)) / 7, id_),
            (rows, cast(func.json_build_object("a", id_).op("->>")("b"), Text), id_),
            (rows, (id_ % 3).label("rest"), id_),
            (few, other.c.id, id_),
            (all_.where(id_.is_not(None)), other.c.id, id_),
            (select(inner.c.id), inner.c.some, inner.c.id),
            (select(inner.c.id), inner.c.total, inner.c.id),
        ):
            keys = [ordered(key, direction), last.asc()]
            whole = [*await session.scalars(asked.order_by(*keys))]
            assert await walk(session, asked, Order(*keys), 2) == whole, str(key)


@pytest.mark.parametrize("ways", [*product(DIRECTIONS, NULLS)])
async def test_unchanged_rows_are_listed_once_while_other_rows_change(
    database: RolledBackDatabase, ways: Sequence[str]
) -> None:
    """Between pages, rows with an odd id get other keys, are deleted or are inserted again."""
    keys_to_be = cycle(["-infinity", None, "2026-06-01", "gone", "infinity"])
    async with keyed_rows(database, Date(), DATES * 3) as (session, table):
        ids = cycle(range(1, 26, 6))

        async def change() -> None:
            for id_, key in islice(zip(ids, keys_to_be, strict=False), 7):
                await session.execute(delete(table).where(table.c.id == id_))
                if key != "gone":
                    values = {"id": id_, "key": cast(literal(key, Text()), Date())}
                    await session.execute(insert(table).values(values))

        rows = select(table.c.id)
        keys = [ordered(table.c.key, *ways), table.c.id.asc()]
        even = [*await session.scalars(rows.where(table.c.id % 2 == 0).order_by(*keys))]
        for limit in (1, 2, 3):
            listed = await walk(session, rows, Order(*keys), limit, change)
            assert [id_ for id_ in listed if id_ % 2 == 0] == even


async def test_a_sort_order_that_is_not_unique_raises_an_error(
    database: RolledBackDatabase,
) -> None:
    async with keyed_rows(database, Date(), DATES) as (session, table):
        order = Order(table.c.key.asc().nulls_last(), (table.c.id % 2).asc())

        with pytest.raises(RuntimeError, match=r"share all keys of 'it'\. Add a unique key"):
            await walk(session, select(table.c.id), order, 1)


async def test_a_counted_list_includes_rows_with_a_null_key(database: RolledBackDatabase) -> None:
    class UserQuery(OffsetQuery):
        sort: Annotated[
            str, Orders({"it": Order(User.full_name.desc().nulls_last(), User.id.asc())})
        ] = "it"

    async with database.begin() as session:
        for number, name in enumerate(("Ada", None, "Eve", None)):
            session.add(User(email=str(number), hashed_password="", full_name=name))
        await session.flush()
        page = await offset_page(session, select(User), UserQuery(limit=3, offset=1))

    assert [user.full_name for user in page.items] == ["Ada", None, None]
    assert page.total == 4


async def test_a_cursor_of_an_order_with_other_keys_is_rejected(
    database: RolledBackDatabase,
) -> None:
    """VAL-17. The values of the cursor would be invalid, or the page would start elsewhere."""
    async with keyed_rows(database, Date(), DATES) as (session, table):
        id_, key = table.c.id, table.c.key
        first = query_by(Order(key.asc().nulls_last(), id_.asc()))(limit=1)
        cursor = (await keyset_page(session, CURSORS, select(id_), first)).next_cursor

        for changed in (
            Order(key.asc().nulls_first(), id_.asc()),
            Order(key.desc().nulls_last(), id_.asc()),
            Order(table.c.rank.asc().nulls_last(), id_.asc()),
            Order(func.coalesce(key, date.max).asc(), id_.asc()),
            Order(id_.asc()),
        ):
            with pytest.raises(ValidationError):
                await keyset_page(session, CURSORS, select(id_), query_by(changed)(cursor=cursor))
