"""Who someone is: by token, by password."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth.passwords import Passwords
from app.core.db.letter_case import normalize_email
from app.core.exceptions import InvalidGrantError, UnauthorizedError
from app.core.observability.audit_log import AuditEvent, record
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.user import User
from app.schemas.user import UserInDB
from app.services.accounts.sessions import LOCK_USER


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: the columns that were read for it, not an entity."""

    id: UUID
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    created_at: datetime
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Account:
    """A normalized e-mail address, and the user who has it, if there is one."""

    address: str
    user: UserInDB | None


@dataclass(frozen=True, slots=True)
class ConfirmedCaller:
    """What the database says of a caller in the request's own transaction."""

    hashed_password: str
    is_superuser: bool


# Built once: building a statement costs more than running it.
CALLER = (
    select(
        User.id,
        User.email,
        User.full_name,
        User.is_active,
        User.is_superuser,
        User.created_at,
        UserSession.id,
    )
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        User.id == bindparam("user_id"),
        User.is_active,
        UserSession.id == bindparam("session_id"),
        UserSession.expires_at > bindparam("now"),
    )
)
CURRENT_CREDENTIALS = (
    select(User.hashed_password, User.is_superuser)
    .join(UserSession, UserSession.user_id == User.id)
    .where(User.id == bindparam("user_id"), User.is_active)
    .where(UserSession.id == bindparam("session_id"))
)
# The session cannot end before the transaction does.
KEEP_SIGNED_IN = CURRENT_CREDENTIALS.with_for_update(read=True, key_share=True, of=UserSession)
CREDENTIALS = select(User.id, User.email, User.hashed_password, User.is_active)
CREDENTIALS_BY_EMAIL = CREDENTIALS.where(User.normalized_email == bindparam("address"))
CREDENTIALS_BY_ID = CREDENTIALS.where(User.id == bindparam("user_id"))
LOCKED_BY_ID = CREDENTIALS_BY_ID.with_for_update(key_share=True)
SET_HASH = (
    update(User)
    .where(User.id == bindparam("of_user"))
    .values(hashed_password=bindparam("new_hash"))
)


async def find_caller(
    database: Database, user_id: UUID, session_id: UUID, now: datetime
) -> Caller | None:
    """Return the active user of a living session, or none, in one query."""
    parameters = {"user_id": user_id, "session_id": session_id, "now": now}
    row = await database.fetch_one(CALLER, parameters)
    return None if row is None else Caller(*row)


async def confirm_caller(session: AsyncSession, caller: Caller) -> ConfirmedCaller:
    """Read the caller again after a lock, since the right may be lost while a request waits for it.

    Raise `UnauthorizedError` if the account is not active or the session has ended (CWE-367).
    """
    return await _confirm(session, CURRENT_CREDENTIALS, caller)


async def lock_caller(session: AsyncSession, caller: Caller) -> ConfirmedCaller:
    """Lock the caller's account and session, and confirm the caller; raise `UnauthorizedError`.

    Both stay as they are until the transaction ends. Call it before any other row is locked.
    """
    await session.execute(LOCK_USER, {"user_id": caller.id})
    # A second statement: a join that waits for one lock reads the other rows as they were before.
    return await _confirm(session, KEEP_SIGNED_IN, caller)


async def find_account(database: Database, email: str) -> Account:
    """Return the account of an address, with or without a user, in one query."""
    address = normalize_email(email)
    row = await database.fetch_one(CREDENTIALS_BY_EMAIL, {"address": address})
    return Account(address, None if row is None else UserInDB.model_validate(row))


async def authenticate(
    session: AsyncSession, passwords: Passwords, account: Account, password: str
) -> UUID:
    """Return whose credentials these are; raise `InvalidGrantError`, the same for every reason.

    No connection is held while a password is hashed. In between the password may have changed, so
    the user is read again, and locked: who changes it ends the sessions opened before.
    """
    user = account.user
    matches = await passwords.verify(password, user.hashed_password if user else None)
    if user is None or not matches or not user.is_active:
        raise _refused(user)
    new_hash = await passwords.rehash(password, user.hashed_password)
    row = (await session.execute(LOCKED_BY_ID, {"user_id": user.id})).one_or_none()
    current = None if row is None else UserInDB.model_validate(row)
    if current is None or not await _is_still(user, current, passwords, password):
        raise _refused(user)
    if new_hash and current.hashed_password == user.hashed_password:
        await store_hash(session, user.id, new_hash)
    return user.id


async def store_hash(session: AsyncSession, user_id: UUID, new_hash: str) -> None:
    """Store the hash of a new password; the user must be locked."""
    connection = await session.connection()
    await connection.execute(SET_HASH, {"of_user": user_id, "new_hash": new_hash})


async def _confirm(
    session: AsyncSession, statement: Select[str, bool], caller: Caller
) -> ConfirmedCaller:
    parameters = {"user_id": caller.id, "session_id": caller.session_id}
    row = (await session.execute(statement, parameters)).one_or_none()
    if row is None:
        raise UnauthorizedError("Could not validate credentials.", token_was_sent=True)
    return ConfirmedCaller(*row)


async def _is_still(before: UserInDB, now: UserInDB, passwords: Passwords, password: str) -> bool:
    """Say whether the credentials hold; another sign-in may just have made a stronger hash."""
    is_same = now.hashed_password == before.hashed_password
    return now.is_active and (is_same or await passwords.verify(password, now.hashed_password))


def _refused(user: UserInDB | None) -> InvalidGrantError:
    record(AuditEvent.LOGIN_FAILED, user.id if user else None)
    return InvalidGrantError()
