"""Databases with every locale that the servers on this machine support."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import make_url

from dev.binaries import DEBIAN, OLDEST_POSTGRES, major_version
from dev.postgres import EmbeddedPostgres
from tests.clients import PASSWORD, client_of, sign_in
from tests.conftest import MakeApp
from tests.databases import execute, migrate

USERS = "/api/v1/users"
EMBEDDED = "embedded"
LOCALES = {
    "builtin": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
    "libc-C": "LOCALE_PROVIDER libc LOCALE 'C'",
    "icu-tr-TR": "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'",
}
# Debian's servers have ICU, which the embedded ones lack.
KINDS = [(EMBEDDED, "builtin"), (EMBEDDED, "libc-C")] + [
    (str(folder), "icu-tr-TR")
    for folder in DEBIAN.glob("*/bin")
    if major_version(folder) >= OLDEST_POSTGRES
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"{kind[0][-7:]}-{kind[1]}")
def shared(request: pytest.FixtureRequest, server_url: str) -> Iterator[str]:
    """A migrated database on one of the servers, with one of the locales."""
    binaries, locale = request.param
    if binaries == EMBEDDED:
        yield from made(server_url, LOCALES[locale])
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTGRES_BIN", binaries)
        server = EmbeddedPostgres()
    with server:
        yield from made(server.url(), LOCALES[locale])


def made(server_url: str, locale: str) -> Iterator[str]:
    url = make_url(server_url).set(database=f"test_{uuid4().hex}")
    execute(server_url, f"CREATE DATABASE {url.database} TEMPLATE template0 ENCODING UTF8 {locale}")
    migrate(url.set(drivername="postgresql+asyncpg"))
    yield url.render_as_string(hide_password=False)
    execute(server_url, f"DROP DATABASE {url.database} WITH (FORCE)")


@pytest.fixture
def database(shared: str) -> Iterator[str]:
    yield shared
    execute(shared, "TRUNCATE users CASCADE")


@pytest.fixture
async def app(make_app: MakeApp, database: str) -> FastAPI:
    return await make_app(database_url=database)


@pytest.fixture
def anonymous(app: FastAPI) -> AsyncClient:
    return client_of(app)


async def register(client: AsyncClient, email: str) -> int:
    body = {"email": email, "password": PASSWORD}
    return (await client.post(USERS, json=body)).status_code


async def authenticate(client: AsyncClient, email: str) -> None:
    token = (await sign_in(client, email)).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
