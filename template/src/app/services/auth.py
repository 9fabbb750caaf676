"""Who someone is: by token, by password."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.exceptions import InvalidGrantError, ValidationError
from app.core.passwords import Passwords
from app.database import Database
from app.models.user import User
from app.schemas.user import PasswordChange, UserInDB


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: the columns that were read for it, not an entity."""

    id: UUID
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    created_at: datetime


# Built once: building a statement costs more than running it.
CALLER = select(
    User.id, User.email, User.full_name, User.is_active, User.is_superuser, User.created_at
).where(User.id == bindparam("user_id"), User.is_active)
CREDENTIALS = select(User.id, User.email, User.hashed_password, User.is_active)
CREDENTIALS_BY_EMAIL = CREDENTIALS.where(func.lower(User.email) == func.lower(bindparam("email")))
CREDENTIALS_BY_ID = CREDENTIALS.where(User.id == bindparam("user_id"))
REPLACE_HASH = (
    update(User)
    .where(User.id == bindparam("user_id"), User.hashed_password == bindparam("old_hash"))
    .values(hashed_password=bindparam("new_hash"))
)


async def find_caller(database: Database, user_id: UUID) -> Caller | None:
    """Return the active user with this id, or none, in one query."""
    row = await database.fetch_one(CALLER, {"user_id": user_id})
    return None if row is None else Caller(*row)


async def authenticate(
    session: AsyncSession, database: Database, passwords: Passwords, email: str, password: str
) -> UUID:
    """Return whose credentials these are; raise `InvalidGrantError`, the same for every reason.

    No connection is held while a password is hashed.
    """
    row = await database.fetch_one(CREDENTIALS_BY_EMAIL, {"email": email})
    user = None if row is None else UserInDB.model_validate(row)
    matches = await passwords.verify(password, user.hashed_password if user else None)
    if user is None or not matches or not user.is_active:
        raise InvalidGrantError
    if new_hash := await passwords.rehash(password, user.hashed_password):
        await _replace_hash(session, user, new_hash)
    return user.id


async def confirm_password(
    database: Database, passwords: Passwords, user_id: UUID, password: str
) -> UserInDB:
    """Return the user whose password this is; raise `ValidationError` if it is not."""
    row = await database.fetch_one(CREDENTIALS_BY_ID, {"user_id": user_id})
    user = None if row is None else UserInDB.model_validate(row)
    if user is None or not await passwords.verify(password, user.hashed_password):
        raise _wrong_password()
    return user


async def change_password(
    session: AsyncSession,
    database: Database,
    passwords: Passwords,
    user_id: UUID,
    data: PasswordChange,
) -> None:
    """Store a new password; raise `ValidationError` if either is wrong.

    Of several changes at once from the same password one wins (ASVS 15.4.2).
    """
    current, new = data.current_password.get_secret_value(), data.new_password.get_secret_value()
    user = await confirm_password(database, passwords, user_id, current)
    new_hash = await passwords.hash_new(new, "new_password", about=[user.email])
    if not await _replace_hash(session, user, new_hash):
        raise _wrong_password()


async def _replace_hash(session: AsyncSession, user: UserInDB, new_hash: str) -> bool:
    parameters = {"user_id": user.id, "old_hash": user.hashed_password, "new_hash": new_hash}
    connection = await session.connection()
    return (await connection.execute(REPLACE_HASH, parameters)).rowcount == 1


def _wrong_password() -> ValidationError:
    return ValidationError("The current password is wrong.", "body", "current_password")
