"""Indexes for the sort orders of lists."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column
from sqlalchemy.sql.visitors import iterate

from app.core.lists.orders import Order, Orders
from app.core.lists.query import (
    ListQuery,
)


def orders() -> Iterator[Any]:
    """Yield a test parameter for each sort order that the service declares."""
    found = [ListQuery]
    for query in found:
        found += query.__subclasses__()
        for annotation in query.model_fields["sort"].metadata:
            if isinstance(annotation, Orders) and query.__module__.startswith("app."):
                for name, order in annotation.by_name.items():
                    yield pytest.param(order, id=f"{query.__name__} {name}")


def parsed(key: Any) -> tuple[str, bool, bool]:
    """Return the column of a key, whether the key is descending, and whether nulls come first."""
    column, _, nulls = str(key).partition(" NULLS ")
    is_down = column.endswith(" DESC")
    column = column.removesuffix(" DESC").removesuffix(" ASC")
    # By default, a descending key sorts nulls first.
    return column, is_down, nulls == "FIRST" if nulls else is_down


@pytest.mark.parametrize("order", [*orders()])
def test_every_sort_order_has_a_matching_index(order: Order) -> None:
    """An index also serves the reverse order, and may begin with a filter such as the owner."""
    [table] = {part.table for part in iterate(order.columns[0]) if isinstance(part, Column)}
    indexes: list[Any] = [table.primary_key.columns, *(each.expressions for each in table.indexes)]
    ends = [[parsed(key) for key in [*index][-len(order.keys) :]] for index in indexes]
    wanted = [parsed(key) for key in order.keys]
    backwards = [(column, not is_down, not nulls_first) for column, is_down, nulls_first in wanted]

    if wanted not in ends and backwards not in ends:
        keys = ", ".join(map(str, order.keys))
        pytest.fail(
            f"Add an index to the table {table.name} that ends with the keys of this order: {keys}."
            ' Filters may precede them: Index("ix_notes_owner_id_id", "owner_id", "id"). See'
            " docs/service/how-to/list-a-resource.md, and write a revision.",
            pytrace=False,
        )
