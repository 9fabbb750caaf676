"""Creates, reads, changes and deletes user accounts."""

from uuid import UUID

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db.letter_case import normalize_email
from app.core.db.sqlstate import UNIQUE_VIOLATION, conflict_if_referenced, sqlstate
from app.core.exceptions import ConflictError, NotFoundError
from app.core.observability.audit_log import AuditEvent, record
from app.models.user import User
from app.schemas.user import UserCreate, UserUpdate

# Built once, because building a statement costs more than running it.
BY_ID = select(User).where(User.id == bindparam("user_id"))
BY_EMAIL = select(User).where(User.normalized_email == bindparam("address"))
# Inserts of rows that refer to the user, such as items, do not have to wait for this lock. A user
# that the transaction has read before is read again, because the data may be stale after the wait.
FOR_UPDATE = BY_ID.with_for_update(key_share=True).execution_options(populate_existing=True)
DELETE = delete(User).where(User.id == bindparam("user_id")).returning(User.id)
ADMINISTRATORS = select(User.id).where(User.is_superuser, User.is_active).limit(2)
# Every change of `is_superuser` or `is_active` takes this lock, whose number is arbitrary. Locks on
# the administrators' rows are not enough: other users may become administrators in between.
LOCK_ADMINISTRATION = select(func.pg_advisory_xact_lock(7_203_115_410))


async def create_user(
    session: AsyncSession, data: UserCreate, hashed_password: str, *, is_superuser: bool = False
) -> User:
    """Create a user; raise `ConflictError` if an account with the address exists."""
    user = User(
        email=data.email,
        full_name=data.full_name,
        hashed_password=hashed_password,
        is_superuser=is_superuser,
    )
    session.add(user)
    await _flush_unless_taken(session)
    record(AuditEvent.USER_CREATED, user.id)
    return user


async def get_user(session: AsyncSession, user_id: UUID) -> User:
    """Return a user; raise `NotFoundError` for an unknown user."""
    return _found(user_id, (await session.scalars(BY_ID, {"user_id": user_id})).one_or_none())


async def get_user_by_email(session: AsyncSession, email: str) -> User:
    """Return the user with this address, ignoring case; raise `NotFoundError` if none exists."""
    parameters = {"address": normalize_email(email)}
    if user := (await session.scalars(BY_EMAIL, parameters)).one_or_none():
        return user
    raise NotFoundError("User", email, f"There is no user with the e-mail address {email}.")


async def get_user_for_update(session: AsyncSession, user_id: UUID) -> User:
    """Return a user, locked for an update; raise `NotFoundError` for an unknown user."""
    return _found(user_id, (await session.scalars(FOR_UPDATE, {"user_id": user_id})).one_or_none())


async def update_user(session: AsyncSession, user_id: UUID, data: UserUpdate) -> User:
    """Change a user; raise `NotFoundError` for an unknown user."""
    user = await get_user_for_update(session, user_id)
    for field, value in data.changes().items():
        setattr(user, field, value)
    await session.flush()
    return user


async def change_email(session: AsyncSession, user_id: UUID, email: str) -> User:
    """Change the address of a user; raise `ConflictError` if the address is taken."""
    user = await get_user_for_update(session, user_id)
    user.email = email
    await _flush_unless_taken(session)
    record(AuditEvent.EMAIL_CHANGED, user_id)
    return user


async def delete_user(session: AsyncSession, user_id: UUID) -> None:
    """Delete a user and all rows that the user owns.

    Raise `NotFoundError` for an unknown user, and `ConflictError` for the last administrator, or if
    rows of other users refer to the user.
    """
    await keep_an_administrator(session, user_id)
    with conflict_if_referenced("Other users have rows that refer to this account."):
        deleted = await session.execute(DELETE, {"user_id": user_id})
    if deleted.one_or_none() is None:
        raise NotFoundError("User", user_id)
    record(AuditEvent.ACCOUNT_DELETED, user_id)


async def lock_administration(session: AsyncSession) -> None:
    """Take the administration lock. Call this before you lock any row."""
    await session.execute(LOCK_ADMINISTRATION)


async def keep_an_administrator(session: AsyncSession, user_id: UUID) -> None:
    """Take the administration lock; raise `ConflictError` if the user is the last administrator.

    Call this before you lock any row. The lock lasts until the transaction ends. If two
    administrators remove each other concurrently, the second request is rejected.
    """
    await lock_administration(session)
    if list(await session.scalars(ADMINISTRATORS)) == [user_id]:
        raise ConflictError("This is the last administrator. Appoint another one first.")


async def _flush_unless_taken(session: AsyncSession) -> None:
    """Flush; raise `ConflictError` if the address is taken.

    The unique index decides, so there is no race condition.
    """
    try:
        await session.flush()
    except IntegrityError as error:
        if sqlstate(error) != UNIQUE_VIOLATION:
            raise
        raise ConflictError("This e-mail address already has an account.") from error


def _found(user_id: object, user: User | None) -> User:
    if user is None:
        raise NotFoundError("User", user_id)
    return user
