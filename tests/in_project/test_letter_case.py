"""E-mail addresses in upper and lower case, in databases of every locale."""

from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from app.services.user import get_user_by_email
from tests.clients import PASSWORD, client_of, sign_in
from tests.conftest import MakeApp
from tests.in_project.locales import USERS, anonymous, app, authenticate, database, register, shared

__all__ = ["anonymous", "app", "database", "shared"]

# Each list has variants of one address. Some are variants only in certain languages.
SPELLINGS = [
    ["ivana@example.com", "IVANA@example.com", "\u0130VANA@example.com", "\u0131vana@EXAMPLE.com"],
    ["élodie@example.com", "ÉLODIE@example.com", "e\u0301lodie@example.com"],
    ["straße@example.com", "STRASSE@example.com", "Stra\u1e9ee@example.com"],
    ["σίσυφος@example.com", "ΣΊΣΥΦΟΣ@example.com", "Σίσυφοσ@example.com"],
    ["жанна@example.com", "ЖАННА@example.com"],
]


async def test_case_variants_of_an_address_share_one_account(
    anonymous: AsyncClient,
) -> None:
    """ENU-05"""
    for first, *others in SPELLINGS:
        assert await register(anonymous, first) == 201
        assert [await register(anonymous, other) for other in others] == [409] * len(others)
        for spelling in (first, *others):
            assert (await sign_in(anonymous, spelling)).status_code == 200, spelling


async def test_an_email_change_conflicts_only_with_case_variants_of_other_accounts(
    anonymous: AsyncClient,
) -> None:
    """ENU-05"""
    await register(anonymous, "ivana@example.com")
    await register(anonymous, "élodie@example.com")
    await authenticate(anonymous, "IVANA@example.com")

    changed = [
        await anonymous.post(f"{USERS}/me/email", json={"current_password": PASSWORD, "email": new})
        for new in ("ÉLODIE@example.com", "IVANA@example.com", "ЖАННА@example.com")
    ]

    assert [answer.status_code for answer in changed] == [409, 200, 200]
    assert (await sign_in(anonymous, "жанна@example.com")).status_code == 200
    assert (await sign_in(anonymous, "ivana@example.com")).status_code == 400


async def test_failed_logins_with_case_variants_share_one_rate_limit(
    make_app: MakeApp, database: str
) -> None:
    """RTL-05"""
    limits = {"rate_limit_enabled": True, "rate_limit_login": "3/year"}
    app = await make_app(database_url=database, **limits)
    spellings = [*SPELLINGS[0], *SPELLINGS[0]]

    answers = [
        await sign_in(client_of(app, address=f"192.0.2.{number}"), spelling, "wrongpassword12")
        for number, spelling in enumerate(spellings)
    ]

    assert [answer.status_code for answer in answers] == [400] * 3 + [429] * 5


async def test_an_address_that_normalization_lengthens_can_be_registered(
    anonymous: AsyncClient,
) -> None:
    """VAL-23. The local part has 64 bytes, and ligatures that become three letters each."""
    domain = f"@{'e' * 59}.{'e' * 59}.{'e' * 59}.com"
    short, long = (f"{letters * 21}g{domain}" for letters in ("\ufb03", "FFI"))

    assert [await register(anonymous, each) for each in (short, long)] == [201, 409]
    assert [(await sign_in(anonymous, each)).status_code for each in (short, long)] == [200, 200]


async def test_accounts_are_looked_up_by_case_insensitive_address(
    app: FastAPI, anonymous: AsyncClient
) -> None:
    """ENU-05. `app reset-password` finds an account with this function."""
    await register(anonymous, "ivana@example.com")

    async with app.state.resources.database.begin() as session:
        found: User = await get_user_by_email(session, "\u0130VANA@example.com")

    assert found.email == "ivana@example.com"
