"""A table with a column of each type, and values for them."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum as Choice
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import CIDR, INET, JSONB

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ID = UUID("01a2215b-3ecd-7a69-a1d7-31988552a369")


class Size(Choice):
    SMALL = "small"
    LARGE = "large"


class Reversed(TypeDecorator[str]):
    """A type that converts in Python."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: object) -> Any:
        return value and value[::-1]

    def process_result_value(self, value: Any, _dialect: object) -> Any:
        return value and value[::-1]


SIZE = Enum(Size, name="size")
THINGS: dict[str, tuple[Any, Any]] = {
    "money": (Numeric(12, 4), Decimal("1.5")),
    "money_as_float": (Numeric(12, 4, asdecimal=False), Decimal("1.5")),
    "ratio": (Float(), 0.5),
    "exact_ratio": (Float(asdecimal=True), 0.5),
    "size": (SIZE, Size.SMALL),
    "sizes": (ARRAY(SIZE), [Size.LARGE, Size.SMALL]),
    "text_size": (Enum(Size, native_enum=False), Size.LARGE),
    "tags": (ARRAY(String), ["a", "b"]),
    "grid": (ARRAY(Integer, dimensions=2), [[1, 2], [3, 4]]),
    "fixed": (ARRAY(Integer, as_tuple=True), (1, 2)),
    "prices": (ARRAY(Numeric), [Decimal("1.5")]),
    "document": (JSON(), {"a": [1, None]}),
    "binary_document": (JSONB(), {"a": [1, None]}),
    "id_as_text": (Uuid(as_uuid=False), str(ID)),
    "at": (DateTime(timezone=True), NOW),
    "day": (Date(), NOW.date()),
    "time": (Time(), NOW.time()),
    "length": (Interval(), NOW - datetime(2026, 11, 27, tzinfo=UTC)),
    "data": (LargeBinary(), b"\0\1"),
    "address": (INET(), "10.0.0.1"),
    "network": (CIDR(), "10.0.0.0/8"),
    "reversed": (Reversed(), "drawer"),
}
TABLE = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, kind) for name, (kind, _) in THINGS.items()),
)
