"""Walks of lists by keys of each type, which hold each row once, whatever its key is."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import Enum as PythonEnum
from itertools import product
from typing import Annotated, Any

import pytest
from sqlalchemy import (
    ARRAY,
    CHAR,
    REAL,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import CIDR, INET, INTERVAL, MACADDR, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from app.core.ordering import Order, Orders
from app.core.pagination import Cursors
from app.services.listing import KeysetQuery, keyset_page
from tests.databases import RolledBackDatabase

CURSORS = Cursors.create(["a key"])


class Size(PythonEnum):
    """Sizes, which sort as they are declared and have no JSON."""

    SMALL = (1, 2)
    LARGE = (0, 1)


class Shouted(TypeDecorator[str]):
    """Text that Python has in another form."""

    impl = String(5)
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: object) -> str | None:
        return value and value.lower()

    def process_result_value(self, value: str | None, _dialect: object) -> str | None:
        return value and value.upper()


DATES = ("-infinity", "4713-01-01 BC", "0001-01-01", "9999-12-31", "5874897-12-31", "infinity")
TIMES = (
    *("-infinity", "4713-01-01 00:00 BC", "0001-01-01", "2026-01-01 00:00:00.000001"),
    *("9999-12-31 23:59:59.999999", "294276-12-31 23:59:59.999999", "infinity"),
)
NUMBERS = ("-Infinity", "-1e30", "-0", "0", "1e-30", "0.1", "0.10", "1e30", "Infinity", "NaN")
TEXTS = ("", " ", "a", "A", "a ", "'\"\\%", "\n", "é", "\U0010ffff")
DURATIONS = (
    *("-178000000 years", "1 mon", "30 days", "720:00", "1 year", "360 days", "365 days"),
    *("-1 day 24:00:00.000001", "178000000 years"),
)
# Of each type the least and the greatest value, what is equal, and what Python cannot tell apart.
VALUES: Sequence[tuple[TypeEngine[Any], Sequence[str]]] = (
    (Boolean(), ("false", "true")),
    (SmallInteger(), ("-32768", "0", "32767")),
    (Integer(), ("-2147483648", "0", "2147483647")),
    (BigInteger(), ("-9223372036854775808", "9007199254740993", "9223372036854775807")),
    (Numeric(), NUMBERS),
    (Numeric(5, 2), ("-999.99", "0", "999.99", "NaN")),
    (Numeric(asdecimal=False), ("9007199254740993", "9007199254740992", "0.1")),
    (REAL(), (*NUMBERS, "1e-45", "3.4028235e38")),
    (Double(), (*NUMBERS, "5e-324", "-1.7976931348623157e308")),
    (Float(asdecimal=True), ("0.1", "0.10000000000000002", "0.30000000000000004")),
    (Text(), TEXTS),
    (String(5), TEXTS),
    (String(collation="C"), TEXTS),
    (CHAR(5), ("", "a", "a ", "b", "a\n", "aa")),
    (Shouted(), ("a", "b", "c")),
    (Enum(Size, name="size"), ("SMALL", "LARGE")),
    (Enum(Size, native_enum=False), ("SMALL", "LARGE")),
    (Uuid(), (f"{0:032x}", "f" * 32)),
    (Uuid(as_uuid=False), (f"{0:032x}", "f" * 32)),
    (Date(), DATES),
    (DateTime(), TIMES),
    (DateTime(timezone=True), TIMES),
    (TIMESTAMP(precision=0), TIMES[:3]),
    (Time(), ("00:00", "23:59:59.999999", "24:00")),
    (Time(timezone=True), ("00:00+15:59:59", "12:00+00", "13:00+01", "24:00-15:59:59")),
    (Interval(), DURATIONS),
    (INTERVAL(precision=0), ("1 second", "1 mon", "30 days")),
    (LargeBinary(), ("", r"\x00", r"\x0000", r"\xff")),
    (INET(), ("0.0.0.0", "10.0.0.1/8", "10.0.0.1", "::", "ffff::/16")),
    (CIDR(), ("0.0.0.0/0", "10.0.0.0/8", "::/0")),
    (MACADDR(), ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")),
    (ARRAY(Date()), ("{}", "{NULL}", "{infinity}", "{9999-12-31,-infinity}")),
    (ARRAY(String(5)), ("{}", '{""}', '{"a,b",NULL}')),
)
PLACES = [*product(("asc", "desc"), ("nulls_first", "nulls_last"))]


def ordered(column: ColumnElement[Any], *ways: str) -> Any:
    """Return a key, such as `column.asc().nulls_last()`."""
    for way in ways:
        column = getattr(column, way)()
    return column


@asynccontextmanager
async def opened(
    database: RolledBackDatabase, type_: TypeEngine[Any], values: Sequence[str | None]
) -> AsyncIterator[tuple[AsyncSession, Table]]:
    """Make a table of these values, each of them twice, among nulls."""
    table = Table(
        "things",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("key", type_),
        Column("other", Integer),
    )
    async with database.begin() as session:
        await session.run_sync(lambda s: table.create(s.connection()))
        column = table.c.key.type.compile(session.get_bind().dialect).partition(" COLLATE")[0]
        insert = text(f"INSERT INTO things VALUES (:id, CAST(CAST(:key AS text) AS {column}), :other)")
        rows = [*values, None, None, *values]
        await session.execute(
            insert,
            [
                {"id": number, "key": key, "other": (None, 1, 2)[number % 3]}
                for number, key in enumerate(rows)
            ],
        )
        yield session, table


async def walk(session: AsyncSession, rows: Any, order: Order, limit: int) -> list[int]:
    class ThingQuery(KeysetQuery):
        sort: Annotated[str, Orders({"it": order})] = "it"

    ids: list[int] = []
    cursor: str | None = None
    while True:
        page = await keyset_page(session, CURSORS, rows, ThingQuery(limit=limit, cursor=cursor))
        ids += [row["id"] for row in page.items]
        assert len(page.items) == limit or page.next_cursor is None
        cursor = page.next_cursor
        if cursor is None:
            return ids


@pytest.mark.parametrize(("type_", "values"), VALUES, ids=[repr(type_) for type_, _ in VALUES])
async def test_pages_by_a_key_of_any_type_hold_each_row_once(
    database: RolledBackDatabase, type_: TypeEngine[Any], values: Sequence[str]
) -> None:
    async with opened(database, type_, values) as (session, table):
        rows = select(table.c.id)
        for place in PLACES:
            keys = [ordered(table.c.key, *place), table.c.id.asc()]
            whole = [*await session.scalars(rows.order_by(*keys))]
            for limit in (1, 2, 3, len(whole)):
                assert await walk(session, rows, Order(*keys), limit) == whole, (place, limit)
