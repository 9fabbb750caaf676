"""Password changes, with the current password or with a reset code."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth.opaque_tokens import hash_code, new_code
from app.core.auth.passwords import Passwords
from app.core.exceptions import (
    InvalidCodeError,
    NotFoundError,
    ValidationError,
)
from app.core.observability.audit_log import AuditEvent, record
from app.database import Database
from app.models.accounts.password_reset import PasswordReset
from app.models.user import User
from app.schemas.accounts.tokens import PasswordResetConfirmation
from app.schemas.user import PasswordChange, UserInDB
from app.services.accounts.authentication import (
    CREDENTIALS,
    CREDENTIALS_BY_ID,
    Caller,
    lock_caller,
    store_hash,
)
from app.services.accounts.sessions import LOCK_USER, end_sessions

CODE_LIFETIME = timedelta(minutes=60)  # ASVS 6.5.5


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code with which a user can set a new password, once, before the code expires."""

    code: str
    expires_at: datetime


# Built once, because building a statement costs more than running it.
NEW_CODE = insert(PasswordReset).values(
    user_id=bindparam("user_id"),
    code_hash=bindparam("code_hash"),
    expires_at=bindparam("expires_at"),
)
STORE_CODE = NEW_CODE.on_conflict_do_update(
    index_elements=[PasswordReset.user_id],
    set_={
        "code_hash": NEW_CODE.excluded.code_hash,
        "expires_at": NEW_CODE.excluded.expires_at,
    },
)
VALID_CODE = (
    PasswordReset.code_hash == bindparam("code_hash"),
    PasswordReset.expires_at > bindparam("now"),
    PasswordReset.user_id == User.id,
    User.is_active,
)
USER_OF_CODE = CREDENTIALS.where(*VALID_CODE)
USE_CODE = delete(PasswordReset).where(*VALID_CODE).returning(PasswordReset.user_id)
FORGET_CODE = delete(PasswordReset).where(PasswordReset.user_id == bindparam("of_user"))


async def confirm_password(
    session: AsyncSession, database: Database, passwords: Passwords, caller: Caller, password: str
) -> None:
    """Lock the caller after checking the password; raise `ValidationError` for a wrong password."""
    checked = await check_password(database, passwords, caller, password)
    await lock_caller_with(session, caller, checked)


async def check_password(
    database: Database, passwords: Passwords, caller: Caller, password: str
) -> str:
    """Return the hash that the password matches; raise `ValidationError` for a wrong password.

    The password may change or the session may end while the hash is computed. Before any change,
    call `lock_caller_with` with the hash.
    """
    row = await database.fetch_one(CREDENTIALS_BY_ID, {"user_id": caller.id})
    user = None if row is None else UserInDB.model_validate(row)
    if user is None or not await passwords.verify(password, user.hashed_password):
        raise _wrong_password()
    return user.hashed_password


async def lock_caller_with(session: AsyncSession, caller: Caller, hashed_password: str) -> None:
    """Lock the caller; raise `ValidationError` if the password is no longer the checked one."""
    if (await lock_caller(session, caller)).hashed_password != hashed_password:
        raise _wrong_password()


async def end_other_access(session: AsyncSession, caller: Caller) -> None:
    """End all other sessions of the caller, and delete an unused password reset code."""
    await session.execute(FORGET_CODE, {"of_user": caller.id})
    await end_sessions(session, caller.id, keep=caller.session_id)


async def change_password(
    session: AsyncSession,
    database: Database,
    passwords: Passwords,
    caller: Caller,
    data: PasswordChange,
) -> None:
    """Store a new password and end all other sessions of the caller.

    Raise `ValidationError` if the current password is wrong or the new one is too weak. If several
    requests change the same password concurrently, only one succeeds (ASVS 15.4.2).
    """
    current, new = data.current_password.get_secret_value(), data.new_password.get_secret_value()
    new_hash = await passwords.hash_new(new, "new_password", about=[caller.email])
    await confirm_password(session, database, passwords, caller, current)
    await store_hash(session, caller.id, new_hash)
    await end_other_access(session, caller)
    record(AuditEvent.PASSWORD_CHANGED, caller.id)


async def issue_code(session: AsyncSession, user_id: UUID, now: datetime) -> IssuedCode:
    """Issue a code, which replaces an earlier one; raise `NotFoundError` for an unknown user."""
    issued = IssuedCode(new_code(), now + CODE_LIFETIME)
    if (await session.execute(LOCK_USER, {"user_id": user_id})).one_or_none() is None:
        raise NotFoundError("User", user_id)
    parameters = {
        "user_id": user_id,
        "code_hash": hash_code(issued.code),
        "expires_at": issued.expires_at,
    }
    await session.execute(STORE_CODE, parameters)
    record(AuditEvent.PASSWORD_RESET_ISSUED, user_id)
    return issued


async def reset_password(
    session: AsyncSession,
    database: Database,
    passwords: Passwords,
    data: PasswordResetConfirmation,
    now: datetime,
) -> UserInDB:
    """Use a code to set a new password, end all sessions, and return the user.

    Raise the same `InvalidCodeError` for every invalid code. Raise `ValidationError` if the
    password is too weak; the code remains valid in that case.
    """
    good = {"code_hash": hash_code(data.code.get_secret_value()), "now": now}
    row = await database.fetch_one(USER_OF_CODE, good)
    if row is None:
        raise InvalidCodeError
    user = UserInDB.model_validate(row)
    new = data.new_password.get_secret_value()
    new_hash = await passwords.hash_new(new, "new_password", about=[user.email])
    # Lock the user first, as the deletion of a user does; another order could cause a deadlock.
    await session.execute(LOCK_USER, {"user_id": user.id})
    if (await session.execute(USE_CODE, good)).one_or_none() is None:
        raise InvalidCodeError
    await store_hash(session, user.id, new_hash)
    await end_sessions(session, user.id)
    record(AuditEvent.PASSWORD_RESET_USED, user.id)
    return user


def _wrong_password() -> ValidationError:
    return ValidationError("The current password is wrong.", "body", "current_password")
