"""Planned reads, which the driver executes: they have the results of SQLAlchemy's execution."""

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Row, Select, bindparam, insert, literal, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.compiler import SQLCompiler

import app.services
from app.core.auth.opaque_tokens import RefreshToken
from app.core.db.reads import TIMEOUT_MS
from app.core.lists.statements import keyset_statements, offset_statement, orders_of
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.item import Item
from app.models.user import User
from app.resources import create_database
from app.services.accounts.administration import USERS, UserQuery
from app.services.item import OWNED_ITEMS, ItemQuery
from tests.clients import HASHED_PASSWORD
from tests.conftest import MakeSettings
from tests.in_project.database.things import ID, NOW, TABLE, THINGS

EMAIL = "ada@example.com"
VALUES: dict[type, Any] = {
    UUID: ID, str: EMAIL, datetime: NOW, int: 3, bool: True, Decimal: Decimal(5), list: ["brass"],
    bytes: b"hash",
}  # fmt: skip

# Types that convert parameters in Python.
CONVERTED = {"size", "sizes", "text_size", "tags", "grid", "prices", "binary_document"}
CONVERTED |= {"data", "reversed"}


@pytest.fixture
async def real(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """A database with a user who has a session and items, and a row of each type."""
    database = create_database(make_settings(database_url=own_database))
    token = RefreshToken()
    ends = datetime(2099, 1, 1, tzinfo=UTC)
    async with database.begin() as session:
        session.add(User(id=ID, email=EMAIL, hashed_password=HASHED_PASSWORD, is_superuser=True))
        await session.flush()
        hashes = {"family_hash": token.family_hash, "token_hash": token.token_hash}
        times = {"created_at": NOW, "last_used_at": NOW}
        session.add(
            UserSession(
                id=ID, user_id=ID, **hashes, **times, expires_at=ends, absolute_expires_at=ends
            )
        )
        for number in range(5):
            item = {"price": Decimal(number + 3), "quantity": 3, "tags": ["brass"]}
            session.add(Item(owner_id=ID, name=f"Lamp {number}", **item))
        await session.run_sync(lambda sync: TABLE.create(sync.connection()))
        given = {name: value for name, (_, value) in THINGS.items()}
        await session.execute(insert(TABLE), [given, dict.fromkeys(given)])
    yield database
    async with database.begin() as session:
        await session.run_sync(lambda sync: TABLE.drop(sync.connection()))
    await database.dispose()


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The statements that SQLAlchemy has executed."""
    statements: list[object] = []
    execute = Connection.execute

    def note(connection: Connection, statement: Any, *arguments: Any, **options: Any) -> Any:
        statements.append(statement)
        return execute(connection, statement, *arguments, **options)

    monkeypatch.setattr(Connection, "execute", note)
    return statements


async def read_by_sqlalchemy(
    engine: AsyncEngine, statement: Select[Any], parameters: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        found: Sequence[Row[Any]] = (await connection.execute(statement, parameters)).all()
        return found


def statements_of_the_service() -> Iterator[Any]:
    """Yield the constants of the services, and each list in each order with all filters."""
    packages = pkgutil.walk_packages(app.services.__path__, "app.services.")
    modules = [importlib.import_module(each.name) for each in packages]
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, Select):
                yield pytest.param(value, id=f"{module.__name__} {name}")
    for sort in orders_of(ItemQuery):
        for filters in ((), ("q", "min_price", "max_price")):
            [found] = keyset_statements(OWNED_ITEMS, ItemQuery, sort, filters, None)
            yield pytest.param(found, id=f"items {sort} {len(filters)}")
    for sort in orders_of(UserQuery):
        users = offset_statement(USERS, UserQuery, sort, (), entities=False)
        yield pytest.param(users, id=f"users {sort}")


def parameters_of(statement: Select[Any], engine: AsyncEngine) -> dict[str, Any]:
    """Return a value for each parameter: the ids and the address of the user, and so on."""
    compiled = statement.compile(dialect=engine.dialect)
    assert isinstance(compiled, SQLCompiler)
    given: dict[str, Any] = {"page_rows": 3, "page_offset": 0}
    given |= {"filter_q": "LAMP", "filter_min_price": 4, "filter_max_price": 6}
    for each in compiled.binds.values():
        if each.required and each.key not in given:
            given[each.key] = VALUES[each.type.python_type]
    return given


def assert_same(found: Sequence[Row[Any]], expected: Sequence[Row[Any]]) -> None:
    """Compare rows, the types of their values, and the access by name and by column."""
    assert found == expected
    for ours, theirs in zip(found, expected, strict=True):
        assert type(ours) is type(theirs)
        assert [*map(type, ours)] == [*map(type, theirs)]
        assert ours._fields == theirs._fields
        assert ours._asdict() == theirs._asdict()
        assert [ours._mapping[name] for name in ours._fields] == [*theirs]


async def planned(
    database: Database, statement: Select[Any], parameters: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """Execute the statement until it is planned, and once more."""
    for _ in range(2):
        await database.fetch_all(statement, parameters)
    return await database.fetch_all(statement, parameters)


@pytest.mark.parametrize("statement", [*statements_of_the_service()])
async def test_statements_of_the_service_have_the_same_rows(
    real: Database, executed: list[object], statement: Select[Any]
) -> None:
    parameters = parameters_of(statement, real.engine)
    expected = await read_by_sqlalchemy(real.engine, statement, parameters)

    assert_same(await planned(real, statement, parameters), expected)
    # SQLAlchemy reads entities with deferred columns, and converts bytes.
    has_deferred = any(each["expr"] is User for each in statement.column_descriptions)
    has_timeout = TIMEOUT_MS in statement.get_execution_options()
    is_planned = not (has_deferred or has_timeout) and b"hash" not in parameters.values()
    assert executed.count(statement) == (3 if is_planned else 4)


@pytest.mark.parametrize("sort", orders_of(ItemQuery))
async def test_further_pages_have_the_same_rows(real: Database, sort: str) -> None:
    order = orders_of(ItemQuery)[sort]
    [first] = keyset_statements(OWNED_ITEMS, ItemQuery, sort, (), None)
    [further] = keyset_statements(OWNED_ITEMS, ItemQuery, sort, (), (False, False))
    parameters = {"owner_id": ID, "page_rows": 2}
    *_, last = await planned(real, first, parameters)
    parameters |= order.read(order.write(last[-2:]))
    expected = await read_by_sqlalchemy(real.engine, further, parameters)

    assert len(expected) == 2
    assert_same(await planned(real, further, parameters), expected)


@pytest.mark.parametrize("name", THINGS)
async def test_values_of_each_type_are_the_same(
    real: Database, executed: list[object], name: str
) -> None:
    column = TABLE.c[name]
    chosen = select(TABLE.c.id, column).order_by(TABLE.c.id)
    bound = select(column.label("x")).where(column == bindparam("value", type_=column.type))
    comparable = name not in {"document", "fixed"}
    statements = [(chosen, {}), (bound, {"value": THINGS[name][1]})][: 1 + comparable]
    for statement, parameters in statements:
        expected = await read_by_sqlalchemy(real.engine, statement, parameters)

        found = await planned(real, statement, parameters)

        assert_same(found, expected)
        assert executed.count(statement) == (4 if parameters and name in CONVERTED else 3)
    assert (await planned(real, chosen, {}))[0]._mapping[column] == expected[0][-1]


async def test_a_repeated_name_stays_ambiguous(real: Database) -> None:
    repeated: Any = select(*(literal(each).label("name") for each in ("first", "second")))

    [row] = await planned(real, repeated, {})

    with pytest.raises(InvalidRequestError, match="Ambiguous"):
        assert row._mapping["name"]
