"""Users of a role in the database of the fuzzed service, and the rows that requests need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from httpx import AsyncClient, AsyncHTTPTransport

from app.config import Settings
from app.core.security import AccessTokens
from app.models.user import User
from app.resources import create_database
from dev.prove.population import EMAILS
from tests.access import NAME, Given, Row
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
            if name in members and (NAME.search(str(value)) or value in (PASSWORD, OWNER)):
                members[name] = self.sent[argument][name]


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
        # One transport for all clients, because to create one takes long.
        client = AsyncClient(base_url=self._url, headers=owner.headers, transport=self._transport)
        async with self._database.begin() as session:
            given = Given(owner.user, session, client, datetime.now(UTC))
            ids = {"user_id": owner.user.id, "session_id": owner.user.id}
            names = {**ids, **await row.add_rows(given)}
        await fill_path(row, names, client)
        return Known(names, _replaced(row.sent(names), owner.user.email))

    async def _add(self, *, is_superuser: bool) -> Caller:
        now, email = datetime.now(UTC), f"{self._role}-{uuid4()}@example.com"
        user = await add_signed_in(self._database, email, now, is_superuser=is_superuser)
        return Caller(user, self._tokens.create_access_token(user.id, user.id, now))


def _replaced(sent: Mapping[str, Any], email: str) -> dict[str, Any]:
    """Return arguments with another address where they contain that of the owner in tests."""
    return {
        argument: {name: email if each == OWNER else each for name, each in members.items()}
        if isinstance(members, Mapping)
        else members
        for argument, members in sent.items()
    }
