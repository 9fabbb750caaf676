"""Lists that are sorted by keys of each type."""

from collections.abc import Sequence
from enum import Enum as PythonEnum
from itertools import product
from typing import Any

import pytest
from sqlalchemy import (
    ARRAY,
    CHAR,
    JSON,
    REAL,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    TypeDecorator,
    Uuid,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import CIDR, INET, INTERVAL, JSONB, MACADDR, TIMESTAMP
from sqlalchemy.types import TypeEngine

from app.core.lists.orders import Order
from app.models.user import User
from tests.databases import RolledBackDatabase
from tests.in_project.keysets import keyed_rows, ordered, walk


class Size(PythonEnum):
    """Sizes, which are stored by their names and sort in the order of their declaration."""

    SMALL = (1, 2)
    LARGE = (0, 1)


class Shouted(TypeDecorator[str]):
    """Text that has another form in Python than in the database."""

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
# For each type: its least and greatest value, equal values, and values that Python confuses.
TYPES: Sequence[tuple[TypeEngine[Any], Sequence[str]]] = (
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
    (INET(), ("0.0.0.0", "10.0.0.1/8", "10.0.0.1", "::", "ffff::/16")),  # noqa: S104 - a value
    (CIDR(), ("0.0.0.0/0", "10.0.0.0/8", "::/0")),
    (MACADDR(), ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")),
    (ARRAY(Date()), ("{}", "{NULL}", "{infinity}", "{9999-12-31,-infinity}")),
    (ARRAY(String(5)), ("{}", '{""}', '{"a,b",NULL}')),
)


@pytest.mark.parametrize(("type_", "values"), TYPES, ids=[repr(type_) for type_, _ in TYPES])
async def test_pages_sorted_by_any_key_type_contain_each_row_once(
    database: RolledBackDatabase, type_: TypeEngine[Any], values: Sequence[str]
) -> None:
    async with keyed_rows(database, type_, values) as (session, table):
        rows = select(table.c.id)
        for ways in product(("asc", "desc"), ("nulls_first", "nulls_last")):
            keys = [ordered(table.c.key, *ways), table.c.id.asc()]
            whole = [*await session.scalars(rows.order_by(*keys))]
            assert await walk(session, rows, Order(*keys), 1) == whole, ways


@pytest.mark.parametrize(
    "type_", [JSON(), JSONB(), ARRAY(Text()).with_variant(JSON(), "postgresql")]
)
def test_an_unsupported_sort_key_type_is_rejected(type_: TypeEngine[Any]) -> None:
    with pytest.raises(TypeError, match=r"users\.email.* its type is .*Cast the key to one of"):
        Order(cast(User.email, type_).asc(), User.id.asc())


def test_a_sort_function_without_a_type_is_rejected_with_advice() -> None:
    with pytest.raises(TypeError, match=r"length\(users\.email\): .*give a function its type_"):
        Order(func.length(User.email).asc(), User.id.asc())
    Order(func.length(User.email, type_=Integer()).asc(), User.id.asc())
