"""Users of a role in the database of the fuzzed service, and the rows that requests need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, AsyncHTTPTransport
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.config import Settings
from app.core.security import AccessTokens
from app.models.user import User
from app.resources import create_database
from dev.prove.population import EMAILS
from tests.access import Given, Row
from tests.access.test_access import fill_path
from tests.clients import PASSWORD
from tests.tokens import add_signed_in

LOWEST_ERROR = 400
OWNER = EMAILS["owner"]


@dataclass(frozen=True)
class Caller:
    """A user with a session, and an access token."""

    user: User
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the caller's requests."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Known:
    """The ids of the rows that an operation needs, and the row's arguments with these ids."""

    names: Mapping[str, object]
    sent: Mapping[str, Any]

    def replace(self, row: Row, argument: str, members: dict[str, Any]) -> None:
        """Replace the members that no generator can know: ids of rows, and the caller's login."""
        described = {**row.body, **row.access.send}.get(argument)
        for name, value in described.items() if isinstance(described, Mapping) else ():
            known = self.sent[argument][name]
            if name in members and (known != value or value == PASSWORD):
                members[name] = known


class Callers:
    """The users of a role, in the database of a started service."""

    def __init__(self, url: str, role: str) -> None:
        settings = Settings(_env_file=None)
        self._url, self._role = url, role
        self._database = create_database(settings)
        self._transport = AsyncHTTPTransport()
        self._tokens = AccessTokens.create(
            settings.secret_keys,
            settings.algorithm,
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            lifetime=timedelta(hours=1),
        )

    async def add(self) -> Caller:
        """Add a user of the role."""
        return await self._add(is_superuser=self._role == "administrator")

    async def know(self, row: Row, caller: Caller) -> Known:
        """Add the rows that an operation needs, as the caller's if their owner may use it."""
        is_owner = row.access.status("owner") < LOWEST_ERROR
        owner = caller if is_owner else await self._add(is_superuser=False)
        # All clients share a transport, because creating one is slow.
        client = AsyncClient(base_url=self._url, headers=owner.headers, transport=self._transport)
        async with self._database.begin() as session:
            new_ids = _give_new_ids(session)
            given = Given(owner.user, session, client, datetime.now(UTC))
            ids = {"user_id": owner.user.id, "session_id": owner.user.id}
            names = {**ids, **await row.add_rows(given)}
        await fill_path(row, names, client)
        others = {OWNER: owner.user.email} | {str(old): str(new) for old, new in new_ids.items()}
        return Known(names, _replaced(row.sent(names), others))

    async def _add(self, *, is_superuser: bool) -> Caller:
        now, email = datetime.now(UTC), f"{self._role}-{uuid4()}@example.com"
        user = await add_signed_in(self._database, email, now, is_superuser=is_superuser)
        return Caller(user, self._tokens.create_access_token(user.id, user.id, now))


def _give_new_ids(session: AsyncSession) -> Mapping[UUID, UUID]:
    """Replace the ids that new rows are given; return the mapping, which is filled at each flush.

    Rows with chosen ids could otherwise be added for one user only.
    """
    new: dict[UUID, UUID] = {}

    def replace(flushed: Session, *_: object) -> None:
        for row in flushed.new:
            for column in row.__table__.primary_key:
                chosen = vars(row).get(column.key)
                if isinstance(chosen, UUID) and not column.foreign_keys:
                    setattr(row, column.key, new.setdefault(chosen, uuid4()))
        for row in flushed.new:
            for key, value in [*vars(row).items()]:
                if isinstance(value, UUID) and value in new:
                    setattr(row, key, new[value])

    event.listen(session.sync_session, "before_flush", replace)
    return new


def _replaced(part: Any, others: Mapping[str, str]) -> Any:
    """Return a part of the arguments with other texts in the place of those that `others` has."""
    if isinstance(part, Mapping):
        return {name: _replaced(value, others) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return type(part)(_replaced(value, others) for value in part)
    return others.get(part, part) if isinstance(part, str) else part
