"""Users of each role in the database of a started service, and the rows of the access tables."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient, HTTPError
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.core.db.ids import uuid7
from app.core.security import AccessTokens
from app.database import Database
from app.main import create_app
from app.models import Base
from app.models.user import User
from app.resources import create_database
from dev.prove.operations import Operation, read_operations
from dev.prove.requests import HOST, Request, encode
from dev.prove.service import ProvedService
from tests.access import Given, Row
from tests.access.test_access import fill_path
from tests.tokens import add_signed_in

# The addresses of the fixtures in the project's own tests, because access tables name them.
EMAILS = {"stranger": "eve@example.com", "owner": "ada@example.com"}
ADMINISTRATORS = {"administrator": "root@example.com", "other": "other@example.com"}
# The users of each population have the same ids, so that tokens stay valid.
IDS = {role: uuid7() for role in EMAILS | ADMINISTRATORS}
BY_PREFERENCE = ("owner", "administrator", "stranger", "anonymous")
LIFETIME = timedelta(minutes=60)
MARGIN_SECONDS = 1


class UncoveredError(Exception):
    """An operation cannot be sent; the message says why."""


@dataclass(frozen=True)
class Population:
    """The tokens of each role, the owner's row, and the names of the rows that tables added."""

    owner: User
    tokens: Mapping[str, str]
    names: dict[str, dict[str, object]] = field(default_factory=dict)

    def headers(self, role: str) -> dict[str, str]:
        """Return the headers with which a role sends requests."""
        token = self.tokens.get(role)
        return {"Authorization": f"Bearer {token}"} if token else {}


def settings_of(service: ProvedService) -> Settings:
    """Return the settings with which a service was started."""
    given: dict[str, Any] = {name.lower(): value for name, value in service.environ.items()}
    known = {name: value for name, value in given.items() if name in Settings.model_fields}
    return Settings(**known, _env_file=None)


def longest_request(service: ProvedService) -> float:
    """Return the seconds that a request takes at most while the database does not respond."""
    settings = settings_of(service)
    waits = settings.database_pool_timeout_seconds + settings.database_statement_timeout_seconds
    return waits + MARGIN_SECONDS


def operations_of(service: ProvedService) -> list[Operation]:
    """Return the operations of the API, with the settings of a service."""
    return read_operations(create_app(settings_of(service)).openapi())


class Populated:
    """The database of a started service, which can be emptied and populated again."""

    def __init__(self, service: ProvedService, database: Database) -> None:
        self._service = service
        self._database = database
        settings = settings_of(service)
        self._tokens = AccessTokens.create(
            settings.secret_keys,
            settings.algorithm,
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            lifetime=LIFETIME,
        )

    async def populate(self) -> Population:
        """Empty all tables, and add a user of each role with a session."""
        connection = await asyncpg.connect(self._service.database_url)
        await connection.execute(f"TRUNCATE {', '.join(Base.metadata.tables)} CASCADE")
        await connection.close()
        now = datetime.now(UTC)
        users = {
            role: await add_signed_in(
                self._database, email, now, id=IDS[role], is_superuser=role in ADMINISTRATORS
            )
            for role, email in (EMAILS | ADMINISTRATORS).items()
        }
        tokens = {
            role: self._tokens.create_access_token(user.id, user.id, now)
            for role, user in users.items()
        }
        return Population(users["owner"], tokens)

    async def request(self, operation: Operation, population: Population) -> Request:
        """Add the rows that an operation needs; return its request as the preferred role.

        Raise `UncoveredError` if the operation has no row, or needs rows that cannot be added.
        """
        row = operation.row
        if row is None:
            raise UncoveredError("tests/access has no row for it")
        role = next((each for each in BY_PREFERENCE if each in operation.roles), None)
        if role is None:
            raise UncoveredError("no role succeeds in its row in tests/access")
        headers = population.headers(role)
        try:
            path, sent = await self._fill(row, population)
        except (pytest.fail.Exception, HTTPError, SQLAlchemyError) as error:
            raise UncoveredError(str(error).partition("\n")[0]) from error
        return encode(operation.name, operation.method, path, headers, sent)

    async def _fill(self, row: Row, population: Population) -> tuple[str, dict[str, Any]]:
        url, headers = f"http://{HOST}:{self._service.port}", population.headers("owner")
        async with AsyncClient(base_url=url, headers=headers) as client:
            if row.table not in population.names:
                population.names[row.table] = await self._add_rows(row, population.owner, client)
            names = population.names[row.table]
            return await fill_path(row, names, client), row.sent(names)

    async def _add_rows(self, row: Row, owner: User, client: AsyncClient) -> dict[str, object]:
        names: dict[str, object] = {"user_id": owner.id, "session_id": owner.id}
        async with self._database.begin() as session:
            given = Given(owner, session, client, datetime.now(UTC))
            return {**names, **await row.add_rows(given)}


@asynccontextmanager
async def populated(service: ProvedService) -> AsyncIterator[Populated]:
    """Yield the populated database of a started service."""
    database = create_database(settings_of(service))
    try:
        yield Populated(service, database)
    finally:
        await database.dispose()
