"""Violations of unique constraints that raise `ConflictError`."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core.db.ids import uuid7
from app.core.db.records import insert_record
from app.core.db.sqlstate import conflict_on
from app.core.exceptions import ConflictError
from tests.databases import RolledBackDatabase

TAKEN = "The name is taken."


class Apart(DeclarativeBase):
    """The base class of a table that only these tests have."""


class Place(Apart):
    __tablename__ = "places"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column()
    code: Mapped[str] = mapped_column(unique=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))


Index("uq_places_name", func.lower(Place.name), unique=True)


@pytest.fixture
async def session(database: RolledBackDatabase) -> AsyncGenerator[AsyncSession]:
    """The session of a transaction in which one place exists."""
    async with database.begin() as session:
        await session.run_sync(lambda sync: Apart.metadata.create_all(sync.connection()))
        await insert_record(session, Place(name="Here", code="A"))
        yield session


async def add_place(session: AsyncSession, *, at_once: bool, **values: object) -> None:
    """Add a place by `insert_record` or by a flush; a duplicate name raises `ConflictError`."""
    async with session.begin_nested():
        with conflict_on("uq_places_name", TAKEN):
            if at_once:
                await insert_record(session, Place(**values))
            else:
                session.add(Place(**values))
                await session.flush()


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_violation_of_the_given_constraint_raises_conflict_error(
    session: AsyncSession, at_once: bool
) -> None:
    with pytest.raises(ConflictError, match=TAKEN):
        await add_place(session, at_once=at_once, name="HERE", code="B")


@pytest.mark.parametrize(
    "values", [{"name": "There", "code": "A"}, {"name": "B", "code": "B", "parent_id": uuid7()}]
)
async def test_a_violation_of_another_constraint_raises_integrity_error(
    session: AsyncSession, values: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        await add_place(session, at_once=True, **values)
