"""Lists: a query class defines the parameters, their OpenAPI description and the SQL."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema
from sqlalchemy import Select, bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, aliased

from app.core.exceptions import ValidationError
from app.core.json.models import read_json_types
from app.core.lists.cursors import CountedPage, Cursors, Page
from app.core.lists.filters import Filter
from app.core.lists.orders import Order, Orders, Rows
from app.core.validation import NO_NUL, PLAIN_INT

# The maximum number of cached statements. Building a statement costs more than running it.
MAX_STATEMENTS = 500

R = TypeVar("R")
# The column values of a row, by column name.
RowDict = dict[str, Any]

SearchText = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL, examples=["text"])]


class ListQuery(BaseModel):
    """The parameters of a list; a resource annotates `sort` with its `Orders` and adds filters."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[
        int, Field(ge=1, le=100, description="Maximum number of items."), PLAIN_INT
    ] = 50
    sort: str

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read UUIDs, dates and similar types as strictly as in bodies."""
        return read_json_types(handler(source), handler)

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown(cls, sent: Mapping[str, object]) -> Mapping[str, object]:
        """Reject unknown parameters, because a misspelled filter would otherwise have no effect."""
        for name in sent.keys() - cls.model_fields.keys():
            known = ", ".join(cls.model_fields)
            raise ValidationError(f"Unknown parameter. The parameters are {known}.", "query", name)
        return sent

    def filters(self) -> dict[str, Any]:
        """Return the values of the filters that the client has set, by parameter name."""
        values = {name: getattr(self, name) for name in _filters(type(self))}
        return {name: value for name, value in values.items() if value is not None}


class KeysetQuery(ListQuery):
    """The parameters of a list whose pages are linked by cursors."""

    cursor: Annotated[
        str | None, Field(max_length=4000, description="The `next_cursor` of the previous page.")
    ] = None


class OffsetQuery(ListQuery):
    """The parameters of a list with offset pagination."""

    # People do not page further, and skipping more rows would slow down the database.
    offset: Annotated[
        int, Field(ge=0, le=100_000, description="Number of rows to skip."), PLAIN_INT
    ] = 0


async def keyset_page(
    session: AsyncSession, cursors: Cursors, rows: Rows, query: KeysetQuery, **scope: object
) -> Page[RowDict]:
    """Return a page of the statement `rows`; `scope` holds its bind parameters.

    Pass the same statement object in every call, because statements are cached. The page contains
    column values instead of entities, which take longer to load. Raise `ValidationError` for a
    cursor of another order, other filters, or another scope.
    """
    filters, order = query.filters(), _orders(type(query))[query.sort]
    bound_to = (type(query).__qualname__, query.sort, order.fingerprint, filters, scope)
    parameters, nulls = scope | _bound(filters), None
    if query.cursor is not None:
        last = order.read(cursors.decode(query.cursor, *bound_to))
        parameters |= last
        nulls = tuple(value is None for value in last.values())
    statements = _keyset_statements(rows, type(query), query.sort, tuple(filters), nulls)
    names, found = await session.run_sync(_read, statements, parameters, query.limit + 1)
    next_cursor = None
    if len(found) > query.limit:
        keys, following = (row[-len(order.keys) :] for row in found[query.limit - 1 :])
        if keys == following:
            raise RuntimeError(f"Two rows share all keys of {query.sort!r}. Add a unique key.")
        next_cursor = cursors.encode(order.write(keys), *bound_to)
    # Dictionaries, because pydantic reads them three times faster than rows.
    items = [dict(zip(names, row, strict=True)) for row in found[: query.limit]]
    return Page(items, next_cursor)


async def offset_page(
    session: AsyncSession, rows: Select[R], query: OffsetQuery, **scope: object
) -> CountedPage[R]:
    """Return a page of entities and the total number of matches, with one statement."""
    filters = query.filters()
    statement = _offset_statement(rows, type(query), query.sort, tuple(filters))
    part = {"page_rows": query.limit, "page_offset": query.offset}
    found = (await session.execute(statement, scope | _bound(filters) | part)).all()
    items = [row[1] for row in found if row[1] is not None]
    return CountedPage(items, found[0][0], query.limit, query.offset)


@cache
def _orders(query: type[ListQuery]) -> Mapping[str, Order]:
    (orders,) = (x for x in query.model_fields["sort"].metadata if isinstance(x, Orders))
    return orders.by_name


@cache
def _filters(query: type[ListQuery]) -> dict[str, Filter]:
    return {
        name: annotation
        for name, field in query.model_fields.items()
        for annotation in field.metadata
        if isinstance(annotation, Filter)
    }


def _bound(filters: Mapping[str, Any]) -> dict[str, Any]:
    return {f"filter_{name}": value for name, value in filters.items()}


def _read(
    session: Session, statements: Sequence[Select[Any]], parameters: dict[str, Any], most: int
) -> tuple[Sequence[str], list[Sequence[Any]]]:
    """Read up to `most` rows; each statement continues where the previous one ended."""
    names: Sequence[str] = ()
    found: list[Sequence[Any]] = []
    for statement in statements:
        part = parameters | {"page_rows": most - len(found)}
        result = session.connection().execute(statement, part)
        names = tuple(result.keys())
        found += result.all()
        if len(found) == most:
            break
    return names, found


def _filtered(rows: Select[R], query: type[ListQuery], filters: tuple[str, ...]) -> Select[R]:
    return rows.where(*(_filters(query)[name].condition(f"filter_{name}") for name in filters))


@lru_cache(MAX_STATEMENTS)
def _keyset_statements(
    rows: Rows,
    query: type[ListQuery],
    sort: str,
    filters: tuple[str, ...],
    nulls: tuple[bool, ...] | None,
) -> Sequence[Select[*tuple[Any, ...]]]:
    """Return the statements for a page: one for the first page, otherwise one for each range.

    The ranges begin after the cursor's row. `nulls` tells which keys of that row are null; it is
    `None` for the first page.
    """
    order = _orders(query)[sort]
    statement = _filtered(rows, query, filters).order_by(*order.keys)
    statement = statement.limit(bindparam("page_rows")).add_columns(*order.carried)
    if nulls is None:
        return [statement]
    return [statement.where(part) for part in order.after(nulls, rows)]


@lru_cache(MAX_STATEMENTS)
def _offset_statement(
    rows: Rows, query: type[ListQuery], sort: str, filters: tuple[str, ...]
) -> Select[*tuple[Any, ...]]:
    """Return a statement that selects a page and the total, even if the page is empty."""
    filtered, keys = _filtered(rows, query, filters), _orders(query)[sort].keys
    place = func.row_number().over(order_by=keys).label("place")
    part = filtered.add_columns(place).order_by(*keys)
    page = part.limit(bindparam("page_rows")).offset(bindparam("page_offset")).subquery()
    total = filtered.with_only_columns(func.count(), maintain_column_froms=True).subquery()
    entity = aliased(rows.column_descriptions[0]["entity"], page)
    joined = total.outerjoin(page, true())
    return select(total, entity).select_from(joined).order_by(page.c.place)
