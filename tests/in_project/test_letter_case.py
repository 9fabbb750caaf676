"""Upper and lower case in databases of every locale that the servers of this machine can make."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import make_url, text

from app.core.letter_case import normalize_email
from app.models.user import User
from app.services.user import get_user_by_email
from dev.binaries import DEBIAN, OLDEST_POSTGRES, major_version
from dev.postgres import EmbeddedPostgres
from tests.clients import PASSWORD, client_of, sign_in
from tests.conftest import MakeApp
from tests.databases import execute, migrate

USERS, ITEMS = "/api/v1/users", "/api/v1/items"
EMBEDDED = "embedded"
LOCALES = {
    "builtin": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
    "libc-C": "LOCALE_PROVIDER libc LOCALE 'C'",
    "icu-tr-TR": "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'",
}
# Debian's servers have ICU, which the embedded ones lack.
SERVERS = [
    str(folder) for folder in DEBIAN.glob("*/bin") if major_version(folder) >= OLDEST_POSTGRES
]
KINDS = [(EMBEDDED, "builtin"), (EMBEDDED, "libc-C")] + [
    (server, "icu-tr-TR") for server in SERVERS
]
# Each is one account, though some of them are so in one language only.
SPELLINGS = [
    ["ivana@example.com", "IVANA@example.com", "\u0130VANA@example.com", "\u0131vana@EXAMPLE.com"],
    ["élodie@example.com", "ÉLODIE@example.com", "e\u0301lodie@example.com"],
    ["straße@example.com", "STRASSE@example.com", "Stra\u1e9ee@example.com"],
    ["σίσυφος@example.com", "ΣΊΣΥΦΟΣ@example.com", "Σίσυφοσ@example.com"],
    ["жанна@example.com", "ЖАННА@example.com"],
]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"{kind[0][-7:]}-{kind[1]}")
def shared(request: pytest.FixtureRequest, server_url: str) -> Iterator[str]:
    """A migrated database, of one server and one locale."""
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


async def test_an_address_has_one_account_and_every_spelling_signs_in(
    anonymous: AsyncClient,
) -> None:
    """ENU-05"""
    for first, *others in SPELLINGS:
        assert await register(anonymous, first) == 201
        assert [await register(anonymous, other) for other in others] == [409] * len(others)
        for spelling in (first, *others):
            assert (await sign_in(anonymous, spelling)).status_code == 200, spelling


async def test_an_address_is_changed_to_another_spelling_and_to_no_other_account(
    anonymous: AsyncClient,
) -> None:
    """ENU-05"""
    for each in ("ivana@example.com", "élodie@example.com"):
        assert await register(anonymous, each) == 201
    await authenticate(anonymous, "IVANA@example.com")

    changed = [
        await anonymous.post(f"{USERS}/me/email", json={"current_password": PASSWORD, "email": new})
        for new in ("ÉLODIE@example.com", "IVANA@example.com", "ЖАННА@example.com")
    ]

    assert [answer.status_code for answer in changed] == [409, 200, 200]
    assert (await sign_in(anonymous, "жанна@example.com")).status_code == 200
    assert (await sign_in(anonymous, "ivana@example.com")).status_code == 400


async def test_guesses_at_all_spellings_have_one_budget(make_app: MakeApp, database: str) -> None:
    """RTL-05"""
    limits = {"rate_limit_enabled": True, "rate_limit_login": "3/year"}
    app = await make_app(database_url=database, **limits)
    spellings = [*SPELLINGS[0], *SPELLINGS[0]]

    answers = [
        await sign_in(client_of(app, address=f"192.0.2.{number}"), spelling, "wrongpassword12")
        for number, spelling in enumerate(spellings)
    ]

    assert [answer.status_code for answer in answers] == [400] * 3 + [429] * 5


async def test_accounts_are_found_and_ordered_without_regard_to_case(
    app: FastAPI, anonymous: AsyncClient
) -> None:
    """VAL-13, VAL-14"""
    names = ["Zoe", "élodie", "ÉMILE", "IVANA", "bea", "Σίσυφος"]
    for name in names:
        assert await register(anonymous, f"{name}@example.com") == 201
    async with app.state.database.begin() as session:
        await session.execute(text("UPDATE users SET is_superuser = true, full_name = email"))
    await authenticate(anonymous, "bea@example.com")

    async def listed(**query: str) -> list[str]:
        found = (await anonymous.get(USERS, params=query)).json()["items"]
        return [user["email"].partition("@")[0] for user in found]

    for name in names:
        for query in (f"{name.lower()}@", f"{name.upper()}@", f"{name.swapcase()}@"):
            assert await listed(q=query) == [name], query
    ordered = sorted(names, key=lambda name: normalize_email(f"{name}@example.com"))
    assert await listed(sort="email") == ordered


async def test_items_are_found_and_ordered_without_regard_to_case(anonymous: AsyncClient) -> None:
    """VAL-13, VAL-14"""
    await register(anonymous, "ada@example.com")
    await authenticate(anonymous, "ada@example.com")
    names = ["\u0131nca", "INCA B", "inca a", "Éa", "éb", "ÉC", "b", "Z"]
    for name in names:
        item = {"name": name, "price": "1", "quantity": 1, "tags": []}
        assert (await anonymous.post(ITEMS, json=item)).status_code == 201

    async def listed(**query: str) -> list[str]:
        found = (await anonymous.get(ITEMS, params=query)).json()["items"]
        return [item["name"] for item in found]

    async def walked(sort: str) -> list[str]:
        pages, query = [], {"sort": sort, "limit": "1"}
        while True:
            page = (await anonymous.get(ITEMS, params=query)).json()
            pages += [item["name"] for item in page["items"]]
            if page["next_cursor"] is None:
                return pages
            query["cursor"] = page["next_cursor"]

    assert await listed(q="INCA", sort="name") == ["\u0131nca", "inca a", "INCA B"]
    assert await listed(q="éB") == ["éb"]
    ordered = ["b", "\u0131nca", "inca a", "INCA B", "Z", "Éa", "éb", "ÉC"]
    assert await walked("name") == ordered
    assert await walked("-name") == ordered[::-1]


async def test_an_address_that_grows_when_it_is_normalized_has_an_account(
    anonymous: AsyncClient,
) -> None:
    """VAL-23. Before the @ are 64 bytes: ligatures, each of which is three letters."""
    domain = f"@{'e' * 59}.{'e' * 59}.{'e' * 59}.com"
    short, long = (f"{letters * 21}g{domain}" for letters in ("\ufb03", "FFI"))

    assert [await register(anonymous, each) for each in (short, long)] == [201, 409]
    assert [(await sign_in(anonymous, each)).status_code for each in (short, long)] == [200, 200]


async def test_an_account_is_named_by_any_spelling_on_the_command_line(
    app: FastAPI, anonymous: AsyncClient
) -> None:
    """ENU-05. `app reset-password` asks for it like this."""
    await register(anonymous, "ivana@example.com")

    async with app.state.database.begin() as session:
        found: User = await get_user_by_email(session, "\u0130VANA@example.com")

    assert found.email == "ivana@example.com"
