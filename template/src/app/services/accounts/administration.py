"""The administration of users by administrators."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db.reads import Reads
from app.core.exceptions import ForbiddenError
from app.core.lists.cursors import CountedPage
from app.core.lists.filters import contains_text, equals
from app.core.lists.orders import Order, Orders
from app.core.lists.query import OffsetQuery, RowDict, SearchText, offset_page
from app.core.observability.audit_log import AuditEvent, record
from app.models.user import User
from app.schemas.accounts.administration import UserAdministration
from app.services.accounts.authentication import Caller, lock_caller
from app.services.accounts.sessions import end_sessions
from app.services.user import get_user_for_update, keep_an_administrator, lock_administration

USERS = select(User)
ONLY_ADMINISTRATORS = "Only administrators can use this operation."


class UserQuery(OffsetQuery):
    """The parameters of a list of users: filters, order and page."""

    # Ids (UUIDv7) sort by creation time, so they replace `created_at`. Ids and addresses are
    # unique, so each order needs one key only.
    sort: Annotated[
        str,
        Orders(
            {
                "-created_at": Order(User.id.desc()),
                "created_at": Order(User.id.asc()),
                "email": Order(User.normalized_email.asc()),
            }
        ),
    ] = "-created_at"
    q: Annotated[
        SearchText | None,
        contains_text(User.email, User.full_name),
        Field(description="Only users whose address or name contains this text."),
    ] = None
    is_active: Annotated[bool | None, equals(User.is_active)] = None


async def list_users(reads: Reads, query: UserQuery) -> CountedPage[RowDict]:
    """Return a page of users, and the total number of matches."""
    return await offset_page(reads, USERS, query)


async def lock_as_administrator(session: AsyncSession, admin: Caller) -> None:
    """Take the administration lock and read the caller again. Call this before any change.

    The caller stays an administrator until the transaction ends. Raise `ForbiddenError` if the
    caller lost that role while the request waited, and `UnauthorizedError` if the session ended.
    """
    await lock_administration(session)
    if not (await lock_caller(session, admin)).is_superuser:
        raise ForbiddenError(ONLY_ADMINISTRATORS)


async def update_user_as_admin(
    session: AsyncSession, user_id: UUID, data: UserAdministration
) -> User:
    """Change whether a user is active or an administrator; end the sessions of an inactive user.

    Raise `NotFoundError` for an unknown user, and `ConflictError` if no administrator would remain.
    """
    if data.is_active is False or data.is_superuser is False:
        await keep_an_administrator(session, user_id)
    else:
        await lock_administration(session)
    user = await get_user_for_update(session, user_id)
    for field, value in data.changes().items():
        setattr(user, field, value)
    await session.flush()
    if not user.is_active:
        await end_sessions(session, user_id)
    record(AuditEvent.ACCOUNT_CHANGED, user_id, **data.changes())
    return user
