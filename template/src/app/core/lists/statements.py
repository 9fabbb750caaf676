"""The SQL statements of lists, built once for each combination of order and filters."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, TypeVar, TypeVarTuple

from pydantic import BaseModel
from sqlalchemy import Select, bindparam, func, inspect, select, true
from sqlalchemy.orm import aliased

from app.core.db.reads import TIMEOUT_MS
from app.core.lists.filters import Filter
from app.core.lists.orders import Order, Orders, Rows

# The maximum number of cached statements. Building a statement costs more than running it.
MAX_STATEMENTS = 500

R = TypeVar("R")
Ts = TypeVarTuple("Ts")


@cache
def orders_of(query: type[BaseModel]) -> Mapping[str, Order]:
    """Return the orders of a query class, by the name that a client sends."""
    (orders,) = (x for x in query.model_fields["sort"].metadata if isinstance(x, Orders))
    return orders.by_name


@cache
def filters_of(query: type[BaseModel]) -> dict[str, Filter]:
    """Return the filters of a query class, by parameter name."""
    return {
        name: annotation
        for name, field in query.model_fields.items()
        for annotation in field.metadata
        if isinstance(annotation, Filter)
    }


def timeouts_of(query: type[BaseModel], filters: Iterable[str]) -> dict[str, int]:
    """Return the timeout of each filter that has one, in milliseconds, by parameter name."""
    timeouts = {name: filters_of(query)[name].timeout_ms for name in filters}
    return {name: timeout for name, timeout in timeouts.items() if timeout is not None}


def _filtered(rows: Select[R], query: type[BaseModel], filters: tuple[str, ...]) -> Select[R]:
    return rows.where(*(filters_of(query)[name].condition(f"filter_{name}") for name in filters))


@lru_cache(MAX_STATEMENTS)
def keyset_statements(
    rows: Rows,
    query: type[BaseModel],
    sort: str,
    filters: tuple[str, ...],
    nulls: tuple[bool, ...] | None,
) -> Sequence[Select[*tuple[Any, ...]]]:
    """Return the statements for a page: one for the first page, otherwise one for each range.

    The ranges begin after the cursor's row. `nulls` tells which keys of that row are null; it is
    `None` for the first page.
    """
    order = orders_of(query)[sort]
    statement = _filtered(rows, query, filters).order_by(*order.keys)
    statement = statement.limit(bindparam("page_rows")).add_columns(*order.carried)
    statement = _limited(statement, query, filters)
    if nulls is None:
        return [statement]
    return [statement.where(part) for part in order.after(nulls, rows)]


@lru_cache(MAX_STATEMENTS)
def offset_statement(
    rows: Rows, query: type[BaseModel], sort: str, filters: tuple[str, ...], *, entities: bool
) -> Select[*tuple[Any, ...]]:
    """Return a statement that selects a page and the total: entities, or columns and their place.

    If the page is empty, the only row contains nulls and the total.
    """
    filtered, keys = _filtered(rows, query, filters), orders_of(query)[sort].keys
    place = func.row_number().over(order_by=keys).label("place")
    part = filtered.add_columns(place).order_by(*keys)
    page = part.limit(bindparam("page_rows")).offset(bindparam("page_offset")).subquery()
    count = func.count().label("total")
    total = filtered.with_only_columns(count, maintain_column_froms=True).subquery()
    entity = aliased(rows.column_descriptions[0]["entity"], page)
    joined = total.outerjoin(page, true())
    mapper = inspect(entity).mapper
    columns = [getattr(entity, each.key) for each in mapper.column_attrs if not each.deferred]
    selected = [entity] if entities else [*columns, page.c.place]
    statement = select(*selected, total).select_from(joined).order_by(page.c.place)
    return _limited(statement, query, filters)


def _limited(
    statement: Select[*Ts], query: type[BaseModel], filters: tuple[str, ...]
) -> Select[*Ts]:
    timeouts = timeouts_of(query, filters).values()
    return statement.execution_options(**{TIMEOUT_MS: min(timeouts)}) if timeouts else statement
