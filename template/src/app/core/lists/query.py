"""Lists: a query class defines the parameters, their OpenAPI description and the SQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar, overload

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db.reads import AnyRow, Reads, fetch_columns, read_entities
from app.core.db.sqlstate import QUERY_CANCELED, sqlstate
from app.core.exceptions import ValidationError
from app.core.json.models import read_json_types
from app.core.lists.cursors import CountedPage, Cursors, Page
from app.core.lists.orders import Rows
from app.core.lists.statements import (
    filters_of,
    keyset_statements,
    offset_statement,
    orders_of,
    timeouts_of,
)
from app.core.validation import NO_NUL, PLAIN_INT

TOO_SLOW = "The search by {} took longer than {} ms. Add filters that select fewer rows."

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
        values = {name: getattr(self, name) for name in filters_of(type(self))}
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
    session: AsyncSession | Reads, cursors: Cursors, rows: Rows, query: KeysetQuery, **scope: object
) -> Page[RowDict]:
    """Return a page of the statement `rows`; `scope` holds its bind parameters.

    Pass the same statement object in every call, because statements are cached. The page contains
    column values instead of entities, which take longer to load. Raise `ValidationError` for a
    cursor of another order, other filters, or another scope.
    """
    filters, order = query.filters(), orders_of(type(query))[query.sort]
    bound_to = (type(query).__qualname__, query.sort, order.fingerprint, filters, scope)
    parameters, nulls = scope | _bound(filters), None
    if query.cursor is not None:
        last = order.read(cursors.decode(query.cursor, *bound_to))
        parameters |= last
        nulls = tuple(value is None for value in last.values())
    statements = keyset_statements(rows, type(query), query.sort, tuple(filters), nulls)
    with _timeouts_reported(type(query), filters):
        found = await _fetch(session, statements, parameters, query.limit + 1)
    next_cursor = None
    if len(found) > query.limit:
        keys, following = (row[-len(order.keys) :] for row in found[query.limit - 1 :])
        if keys == following:
            raise RuntimeError(f"Two rows share all keys of {query.sort!r}. Add a unique key.")
        next_cursor = cursors.encode(order.write(keys), *bound_to)
    return Page(_dictionaries(found[: query.limit], without=len(order.keys)), next_cursor)


@overload
async def offset_page(
    session: AsyncSession, rows: Select[R], query: OffsetQuery, **scope: object
) -> CountedPage[R]: ...
@overload
async def offset_page(
    session: Reads, rows: Select[R], query: OffsetQuery, **scope: object
) -> CountedPage[RowDict]: ...
async def offset_page(
    session: AsyncSession | Reads, rows: Select[R], query: OffsetQuery, **scope: object
) -> CountedPage[R] | CountedPage[RowDict]:
    """Return a page and the total number of matches, with one statement.

    With a session, the page contains entities; otherwise, their column values.
    """
    filters = query.filters()
    has_entities = isinstance(session, AsyncSession)
    statement = offset_statement(
        rows, type(query), query.sort, tuple(filters), entities=has_entities
    )
    part = {"page_rows": query.limit, "page_offset": query.offset}
    parameters = scope | _bound(filters) | part
    with _timeouts_reported(type(query), filters):
        if isinstance(session, AsyncSession):
            found = await session.run_sync(read_entities, statement, parameters)
            entities = [entity for entity, _ in found if entity is not None]
            return CountedPage(entities, found[0][1], query.limit, query.offset)
        found = await session.fetch_all(statement, parameters)
    *_, place, total = found[0]
    page = [] if place is None else _dictionaries(found, without=2)
    return CountedPage(page, total, query.limit, query.offset)


@contextmanager
def _timeouts_reported(query: type[ListQuery], filters: Iterable[str]) -> Iterator[None]:
    """Raise `ValidationError` if a statement was cancelled and one of its filters has a timeout."""
    try:
        yield
    except DBAPIError as error:
        timeouts = timeouts_of(query, filters)
        if sqlstate(error) != QUERY_CANCELED or not timeouts:
            raise
        name = min(timeouts, key=lambda each: timeouts[each])
        raise ValidationError(TOO_SLOW.format(name, timeouts[name]), "query", name) from error


def _bound(filters: Mapping[str, Any]) -> dict[str, Any]:
    return {f"filter_{name}": value for name, value in filters.items()}


async def _fetch(
    session: AsyncSession | Reads,
    statements: Sequence[Select[*tuple[Any, ...]]],
    parameters: dict[str, Any],
    most: int,
) -> list[AnyRow]:
    """Read up to `most` rows; each statement continues where the previous one ended."""
    found: list[AnyRow] = []
    for statement in statements:
        part = parameters | {"page_rows": most - len(found)}
        found += await fetch_columns(session, statement, part)
        if len(found) == most:
            break
    return found


def _dictionaries(found: Sequence[AnyRow], *, without: int) -> list[RowDict]:
    """Return the columns by name, without the last ones: Pydantic reads rows more slowly."""
    names = found[0]._fields[:-without] if found else ()
    # `zip` ends with the names. With `strict=True`, it would need a slice of each row.
    return [dict(zip(names, row, strict=False)) for row in found]
