"""The function `insert_record`."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from sqlalchemy import ClauseElement, ForeignKey, String, func, literal, select, text
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.core.db.ids import uuid7
from app.core.db.records import insert_record
from tests.databases import RolledBackDatabase, counted_statements


class Apart(DeclarativeBase):
    """The base class of tables that only these tests have."""


class Shelf(Apart):
    __tablename__ = "shelves"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    title: Mapped[str] = mapped_column("shelf_title", String(20), unique=True)
    places: Mapped[int] = mapped_column(server_default="7")
    books: Mapped[list["Book"]] = relationship()


class Book(Apart):
    __tablename__ = "books"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    shelf_id: Mapped[UUID] = mapped_column(ForeignKey("shelves.id"))


@pytest.fixture
async def session(database: RolledBackDatabase) -> AsyncGenerator[AsyncSession]:
    """The session of a transaction in which the tables exist and are empty."""
    async with database.begin() as session:
        await session.run_sync(lambda sync: Apart.metadata.create_all(sync.connection()))
        yield session


async def test_one_statement_inserts_a_record_and_returns_its_defaults(
    session: AsyncSession, engine: AsyncEngine
) -> None:
    with counted_statements(engine) as counted:
        shelf = await insert_record(session, Shelf(title="Tea"))

    assert len(counted) == 1
    assert (shelf.title, shelf.places) == ("Tea", 7)
    assert await session.scalar(select(Shelf.id)) == shelf.id


async def test_explicit_values_override_defaults(session: AsyncSession) -> None:
    id_ = uuid7()
    shelf = await insert_record(session, Shelf(id=id_, title="Tea", places=2))

    assert (shelf.id, shelf.places) == (id_, 2)


async def test_a_column_set_to_none_gets_its_default(session: AsyncSession) -> None:
    shelf = await insert_record(session, Shelf(title="Tea", places=None))

    assert shelf.places == 7


@pytest.mark.parametrize(
    "expression", [func.length("green tea"), select(literal(9)).scalar_subquery(), text("9")]
)
async def test_a_value_may_be_a_sql_expression(
    session: AsyncSession, expression: ClauseElement
) -> None:
    shelf = await insert_record(session, Shelf(title="Tea", places=expression))

    assert shelf.places == 9


async def test_a_session_must_be_rolled_back_after_a_failed_insert(session: AsyncSession) -> None:
    await insert_record(session, Shelf(title="Tea"))
    with pytest.raises(IntegrityError):
        await insert_record(session, Shelf(title="Tea"))

    with pytest.raises(PendingRollbackError):
        await session.scalar(select(Shelf.id))
    await session.rollback()


async def test_later_changes_of_an_inserted_record_are_flushed(session: AsyncSession) -> None:
    shelf = await insert_record(session, Shelf(title="Tea"))

    shelf.title = "Coffee"
    await session.flush()
    assert await session.get(Shelf, shelf.id) is shelf
    await session.delete(shelf)
    await session.flush()

    assert (await session.scalars(select(Shelf))).all() == []


async def test_pending_records_are_flushed_before_an_insert(session: AsyncSession) -> None:
    shelf = Shelf(id=uuid7(), title="Tea")
    session.add(shelf)

    book = await insert_record(session, Book(shelf_id=shelf.id))

    assert book.shelf_id == await session.scalar(select(Shelf.id))


async def test_a_record_with_related_records_is_rejected(session: AsyncSession) -> None:
    with pytest.raises(TypeError, match=r"^books: no column of Shelf\. Use session\.add\.$"):
        await insert_record(session, Shelf(title="Tea", books=[Book()]))


async def test_a_violated_constraint_raises_integrity_error(session: AsyncSession) -> None:
    await insert_record(session, Shelf(title="Tea"))

    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await insert_record(session, Shelf(title="Tea"))
