"""Violations of unique constraints and foreign keys that become responses."""

from collections.abc import AsyncGenerator, Coroutine
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core.db.ids import uuid7
from app.core.db.records import insert_record
from app.core.db.sqlstate import (
    conflict_if_referenced,
    conflict_on,
    conflicts_on,
    not_found_if_deleted,
)
from app.core.exceptions import ConflictError, NotFoundError
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


async def run_guarded(
    session: AsyncSession, guard: AbstractContextManager[None], change: Coroutine[Any, Any, object]
) -> None:
    """Run a change that may fail, so that the transaction can go on."""
    async with session.begin_nested():
        with guard:
            await change


async def delete_place(session: AsyncSession, place: Place) -> None:
    await session.delete(place)
    await session.flush()


async def test_each_constraint_has_its_own_message(session: AsyncSession) -> None:
    guard = conflicts_on({"uq_places_name": TAKEN, "places_code_key": "The code is taken."})
    addition = insert_record(session, Place(name="There", code="A"))

    with pytest.raises(ConflictError, match="The code is taken"):
        await run_guarded(session, guard, addition)


async def test_a_row_to_which_others_refer_cannot_be_deleted(session: AsyncSession) -> None:
    parent = await insert_record(session, Place(name="Parent", code="B"))
    await insert_record(session, Place(name="Child", code="C", parent_id=parent.id))
    deletion = delete_place(session, parent)

    with pytest.raises(ConflictError, match="It has children"):
        await run_guarded(session, conflict_if_referenced("It has children."), deletion)


async def test_a_row_that_refers_to_a_deleted_row_is_not_added(session: AsyncSession) -> None:
    missing = uuid7()
    addition = insert_record(session, Place(name="Child", code="B", parent_id=missing))

    with pytest.raises(NotFoundError, match=f"Place with id {missing} not found"):
        await run_guarded(session, not_found_if_deleted("Place", missing), addition)


@pytest.mark.parametrize(
    "guard", [conflict_if_referenced("It has children."), not_found_if_deleted("Place", uuid7())]
)
async def test_a_violation_of_a_unique_constraint_does_not_count_as_one_of_a_foreign_key(
    session: AsyncSession, guard: AbstractContextManager[None]
) -> None:
    addition = insert_record(session, Place(name="There", code="A"))

    with pytest.raises(IntegrityError):
        await run_guarded(session, guard, addition)
