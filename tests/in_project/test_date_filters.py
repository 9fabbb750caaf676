"""Filters by dates and times. Python's first and last dates differ from infinity."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from sqlalchemy import ARRAY, Date, DateTime, select
from sqlalchemy.types import TypeEngine

from app.core.lists.filters import Filter, at_least, at_most, contains_all, contains_any, equals
from app.core.lists.orders import Order, Orders
from app.core.lists.query import KeysetQuery, keyset_page
from tests.databases import RolledBackDatabase
from tests.in_project.keysets import CURSORS, keyed_rows

VALUES = ("-infinity", "0001-01-01", "9999-12-31 23:59:59.999999", "infinity")
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# Times that Python cannot convert to UTC.
EARLIER = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
LATER = datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))


async def kept(
    database: RolledBackDatabase,
    type_: TypeEngine[Any],
    values: tuple[str, ...],
    make_filter: Callable[[Any], Filter],
    value: object,
) -> list[int]:
    """Return the ids of the matching rows in the first half of the table."""
    async with keyed_rows(database, type_, values) as (session, table):

        class ThingQuery(KeysetQuery):
            sort: Annotated[str, Orders({"id": Order(table.c.id.asc())})] = "id"
            key: Annotated[Any, make_filter(table.c.key)] = None

        page = await keyset_page(session, CURSORS, select(table.c.id), ThingQuery(key=value))
        return [row["id"] for row in page.items if row["id"] < len(values)]


@pytest.mark.parametrize(
    ("type_", "value", "equal", "greater", "less"),
    [
        (Date(), date.max, [2], [2, 3], [0, 1, 2]),
        (Date(), date.min, [1], [1, 2, 3], [0, 1]),
        (DateTime(), LAST.replace(tzinfo=None), [2], [2, 3], [0, 1, 2]),
        (DateTime(), FIRST.replace(tzinfo=None), [1], [1, 2, 3], [0, 1]),
        (DateTime(timezone=True), LAST, [2], [2, 3], [0, 1, 2]),
        (DateTime(timezone=True), FIRST, [1], [1, 2, 3], [0, 1]),
        (DateTime(timezone=True), LATER, [], [3], [0, 1, 2]),
        (DateTime(timezone=True), EARLIER, [], [1, 2, 3], [0]),
    ],
)
async def test_date_filters_distinguish_extreme_dates_from_infinity(
    database: RolledBackDatabase,
    type_: TypeEngine[Any],
    value: date,
    equal: list[int],
    greater: list[int],
    less: list[int],
) -> None:
    for make_filter, ids in ((equals, equal), (at_least, greater), (at_most, less)):
        async with database.undone():
            assert await kept(database, type_, VALUES, make_filter, value) == ids


@pytest.mark.parametrize("make_filter", [contains_all, contains_any])
async def test_array_filters_distinguish_the_maximum_date_from_infinity(
    database: RolledBackDatabase, make_filter: Callable[[Any], Filter]
) -> None:
    arrays = ("{9999-12-31}", "{infinity}", "{NULL}")

    assert await kept(database, ARRAY(Date()), arrays, make_filter, [date.max]) == [0]
