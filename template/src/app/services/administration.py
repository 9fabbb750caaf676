"""What administrators do to accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, UnaryExpression, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.audit import AuditEvent, record
from app.models.user import User
from app.schemas.administration import UserAdministration
from app.services.session import end_sessions
from app.services.user import get_user_for_update, keep_an_administrator


class UserSort(StrEnum):
    """The orders that users can be listed in."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    EMAIL = "email"


# Ids sort by time (UUIDv7), so they stand for `created_at`, and make every order stable.
ORDERS: dict[UserSort, tuple[UnaryExpression[Any], ...]] = {
    UserSort.NEWEST: (User.id.desc(),),
    UserSort.OLDEST: (User.id.asc(),),
    UserSort.EMAIL: (func.lower(User.email).asc(), User.id.asc()),
}


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Which users to list, and which part of them."""

    limit: int
    offset: int
    sort: UserSort
    text: str | None
    is_active: bool | None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what holds for all that are listed."""
        conditions: list[ColumnElement[bool]] = []
        if self.text is not None:
            columns = (User.email, User.full_name)
            conditions.append(or_(*(c.icontains(self.text, autoescape=True) for c in columns)))
        if self.is_active is not None:
            conditions.append(User.is_active.is_(self.is_active))
        return conditions


@dataclass(frozen=True, slots=True)
class UserList:
    """A part of the users, and how many there are in all."""

    items: Sequence[User]
    total: int
    limit: int
    offset: int


async def list_users(session: AsyncSession, query: UserQuery) -> UserList:
    """Return a part of the users, and count all that fit, since a person turns pages."""
    conditions = query.conditions()
    count: Select[int] = select(func.count()).select_from(User).where(*conditions)
    page = select(User).where(*conditions).order_by(*ORDERS[query.sort])
    users = await session.scalars(page.limit(query.limit).offset(query.offset))
    total = await session.scalar(count)
    return UserList(users.all(), total or 0, query.limit, query.offset)


async def administrate_user(session: AsyncSession, user_id: UUID, data: UserAdministration) -> User:
    """Change what a user is; who is no more active is signed out everywhere.

    Raise `NotFoundError`, or `ConflictError` where no administrator would be left.
    """
    if data.is_active is False or data.is_superuser is False:
        await keep_an_administrator(session, user_id)
    user = await get_user_for_update(session, user_id)
    for field, value in data.changes().items():
        setattr(user, field, value)
    await session.flush()
    if not user.is_active:
        await end_sessions(session, user_id)
    record(AuditEvent.ACCOUNT_CHANGED, user_id, **data.changes())
    return user
