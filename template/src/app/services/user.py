"""Accounts: made, read, changed, removed."""

from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.exceptions import ConflictError, NotFoundError
from app.core.sqlstate import UNIQUE_VIOLATION, sqlstate
from app.models.user import User
from app.schemas.user import UserCreate, UserUpdate

# Built once: building a statement costs more than running it.
BY_ID = select(User).where(User.id == bindparam("user_id"))
FOR_UPDATE = BY_ID.with_for_update()
DELETE = delete(User).where(User.id == bindparam("user_id"))


async def create_user(
    session: AsyncSession, data: UserCreate, hashed_password: str, *, is_superuser: bool = False
) -> User:
    """Add a user; raise `ConflictError` if the address has an account."""
    user = User(
        email=data.email,
        full_name=data.full_name,
        hashed_password=hashed_password,
        is_superuser=is_superuser,
    )
    session.add(user)
    await _flush_unless_taken(session)
    return user


async def get_user(session: AsyncSession, user_id: UUID) -> User:
    """Return a user; raise `NotFoundError` if there is none."""
    return _found(user_id, (await session.scalars(BY_ID, {"user_id": user_id})).one_or_none())


async def update_user(session: AsyncSession, user_id: UUID, data: UserUpdate) -> User:
    """Change a user; raise `NotFoundError` if there is none."""
    user = await _get_for_update(session, user_id)
    for field, value in data.changes().items():
        setattr(user, field, value)
    await session.flush()
    return user


async def change_email(session: AsyncSession, user_id: UUID, email: str) -> User:
    """Give a user another address; raise `ConflictError` if that has an account."""
    user = await _get_for_update(session, user_id)
    user.email = email
    await _flush_unless_taken(session)
    return user


async def delete_user(session: AsyncSession, user_id: UUID) -> None:
    """Remove a user, and with them all they own."""
    await session.execute(DELETE, {"user_id": user_id})


async def _flush_unless_taken(session: AsyncSession) -> None:
    """Write; the database alone decides whether an address is free, so there is no race."""
    try:
        await session.flush()
    except IntegrityError as error:
        if sqlstate(error) != UNIQUE_VIOLATION:
            raise
        raise ConflictError("This e-mail address has an account already.") from error


async def _get_for_update(session: AsyncSession, user_id: UUID) -> User:
    return _found(user_id, (await session.scalars(FOR_UPDATE, {"user_id": user_id})).one_or_none())


def _found(user_id: UUID, user: User | None) -> User:
    if user is None:
        raise NotFoundError("User", user_id)
    return user
