"""Locks on the rows that a request changes, and that its transaction has read before."""

import asyncio
from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, select, update

from app.core.exceptions import NotFoundError
from app.database import Database
from app.models.user import User
from app.services.accounts.authentication import Caller
from app.services.accounts.locks import find_for_reference, find_for_update, keep_caller
from app.services.user import get_user_for_update
from tests.clients import StoppedClock
from tests.conftest import MakeApp
from tests.in_project.api.test_races import somebody_waits
from tests.tokens import add_signed_in

BY_ID = select(User).where(User.id == bindparam("user_id"))
RENAME = update(User).values(full_name="Ada")


@pytest.fixture
async def committed(make_app: MakeApp, own_database: str) -> Database:
    """A database whose transactions are committed."""
    app = await make_app(database_url=own_database, database_pool_timeout_seconds=30)
    database: Database = app.state.resources.database
    return database


@pytest.fixture
async def user(committed: Database, clock: StoppedClock) -> User:
    return await add_signed_in(committed, "ada@example.com", clock())


@pytest.fixture
def caller(user: User) -> Caller:
    # The first session of a user has the user's id.
    columns: Any = {field.name: getattr(user, field.name, user.id) for field in fields(Caller)}
    return Caller(**columns)


async def test_find_for_update_reloads_a_record_that_changed_before_the_lock(
    committed: Database, caller: Caller
) -> None:
    """CON-04"""
    async with committed.begin() as session:
        read = await session.get_one(User, caller.id)
        async with committed.begin() as other:
            await other.execute(RENAME)
        found = await find_for_update(session, caller, BY_ID, {"user_id": caller.id})
        name = read.full_name

    assert (found, name) == (read, "Ada")


async def test_find_for_update_reloads_a_record_that_changed_during_the_wait(
    committed: Database, caller: Caller
) -> None:
    """CON-04"""
    async with committed.begin() as session:
        read = await session.get_one(User, caller.id)
        async with committed.begin() as other:
            await other.execute(RENAME)
            lock = find_for_update(session, caller, BY_ID, {"user_id": caller.id})
            waiting = asyncio.create_task(lock)
            await somebody_waits(committed)
        found = await waiting
        name = read.full_name

    assert (found, name) == (read, "Ada")


async def test_get_user_for_update_reloads_a_user_that_changed_before_the_lock(
    committed: Database, user: User
) -> None:
    """CON-04"""
    async with committed.begin() as session:
        read = await session.get_one(User, user.id)
        async with committed.begin() as other:
            await other.execute(RENAME)
        found = await get_user_for_update(session, user.id)
        name = read.full_name

    assert (found, name) == (read, "Ada")


async def test_a_record_that_rows_will_refer_to_cannot_be_deleted(
    committed: Database, caller: Caller
) -> None:
    """CON-04. Other requests can refer to the record at the same time."""
    parameters = {"user_id": caller.id}
    async with committed.begin() as session, committed.begin() as other:
        found = [
            await find_for_reference(each, caller, BY_ID, parameters) for each in (session, other)
        ]
        async with committed.begin() as third:
            deletable = await third.scalar(
                select(User.id).with_for_update(of=User, skip_locked=True)
            )

    assert [each and each.id for each in found] == [caller.id, caller.id]
    assert deletable is None


async def test_a_record_that_changes_can_be_referred_to_at_the_same_time(
    committed: Database, caller: Caller
) -> None:
    """CON-04. Otherwise, two records that refer to each other could cause a deadlock."""
    parameters = {"user_id": caller.id}
    async with committed.begin() as session, committed.begin() as other:
        changed = await find_for_update(session, caller, BY_ID, parameters)
        referred = await find_for_reference(other, caller, BY_ID, parameters)

    assert [each and each.id for each in (changed, referred)] == [caller.id, caller.id]


async def test_the_account_of_a_kept_caller_cannot_be_deleted(
    committed: Database, caller: Caller
) -> None:
    """CON-04"""
    async with committed.begin() as session, committed.begin() as other:
        await keep_caller(session, caller)
        deletable = await other.scalar(select(User.id).with_for_update(skip_locked=True))

    assert deletable is None


async def test_a_caller_whose_account_is_deleted_is_not_kept(
    committed: Database, caller: Caller
) -> None:
    """CON-04"""
    async with committed.begin() as session:
        await session.execute(delete(User))
        with pytest.raises(NotFoundError, match=str(caller.id)):
            await keep_caller(session, caller)


async def test_find_for_reference_does_not_find_a_record_that_was_deleted_during_the_wait(
    committed: Database, caller: Caller
) -> None:
    """CON-04"""
    async with committed.begin() as session:
        async with committed.begin() as other:
            await other.execute(delete(User))
            lock = find_for_reference(session, caller, BY_ID, {"user_id": caller.id})
            waiting = asyncio.create_task(lock)
            await somebody_waits(committed)
        found = await waiting

    assert found is None
