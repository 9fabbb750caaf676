"""Authentication by access token and by password."""

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
    """The user who sends the request: column values, not an ORM entity."""

    id: UUID
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    created_at: datetime
    session_id: UUID


@dataclass(frozen=True, slots=True)
class Account:
    """A normalized e-mail address, and the user with this address or `None`."""

    address: str
    user: UserInDB | None


@dataclass(frozen=True, slots=True)
class ConfirmedCaller:
    """The caller's password hash and role, read in the transaction of the request."""

    hashed_password: str
    is_superuser: bool


# Built once, because building a statement costs more than running it.
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
# The row lock prevents the session from ending before the transaction ends.
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
    """Return the user if both the account and the session are active, else `None`."""
    parameters = {"user_id": user_id, "session_id": session_id, "now": now}
    row = await database.fetch_one(CALLER, parameters)
    return None if row is None else Caller(*row)


async def confirm_caller(session: AsyncSession, caller: Caller) -> ConfirmedCaller:
    """Read the caller again, because access may have been revoked while the request waited.

    Raise `UnauthorizedError` if the account is not active or the session has ended (CWE-367).
    """
    return await _confirm(session, CURRENT_CREDENTIALS, caller)


async def lock_caller(session: AsyncSession, caller: Caller) -> ConfirmedCaller:
    """Lock the caller's account and session; raise `UnauthorizedError` if either is invalid.

    Neither can change until the transaction ends. Call this before you lock any other row.
    """
    await session.execute(LOCK_USER, {"user_id": caller.id})
    # A separate statement, because a join that waits for a lock returns stale rows of other tables.
    return await _confirm(session, KEEP_SIGNED_IN, caller)


async def find_account(database: Database, email: str) -> Account:
    """Return the account of an address. For an unknown address, its user is `None`."""
    address = normalize_email(email)
    row = await database.fetch_one(CREDENTIALS_BY_EMAIL, {"address": address})
    return Account(address, None if row is None else UserInDB.model_validate(row))


async def authenticate(
    session: AsyncSession, passwords: Passwords, account: Account, password: str
) -> UUID:
    """Return the id of the user; raise the same `InvalidGrantError` for every failed login.

    No connection is held while the password is hashed. The password or the address may change in
    that time, so the user is locked and read again. The lock puts this login either before such a
    change, which then ends the new session, or after the change.
    """
    user = account.user
    matches = await passwords.verify(password, user.hashed_password if user else None)
    if user is None or not matches or not user.is_active:
        raise _refused(user)
    new_hash = await passwords.rehash(password, user.hashed_password)
    row = (await session.execute(LOCKED_BY_ID, {"user_id": user.id})).one_or_none()
    current = None if row is None else UserInDB.model_validate(row)
    if current is None or not await _is_valid(user, current, passwords, password):
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


async def _is_valid(before: UserInDB, now: UserInDB, passwords: Passwords, password: str) -> bool:
    """Return whether the login is still valid; another login may have rehashed the password."""
    if not now.is_active or normalize_email(now.email) != normalize_email(before.email):
        return False
    is_same = now.hashed_password == before.hashed_password
    return is_same or await passwords.verify(password, now.hashed_password)


def _refused(user: UserInDB | None) -> InvalidGrantError:
    record(AuditEvent.LOGIN_FAILED, user.id if user else None)
    return InvalidGrantError()
