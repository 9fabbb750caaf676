"""Invalid access tokens that have a valid signature."""

from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from app.core.security import MAX_TOKEN_LENGTH
from app.models.user import User
from tests.clients import StoppedClock
from tests.conftest import MakeUser
from tests.in_project.accounts.test_bad_tokens import check_refused
from tests.in_project.forged_tokens import GOOD_HEADER, forge, good_claims


@pytest.fixture
def claims(user: User, clock: StoppedClock) -> dict[str, Any]:
    return good_claims(user.id, clock())


async def test_a_missing_claim_is_rejected(client: AsyncClient, claims: dict[str, Any]) -> None:
    """TOK-05, TOK-07, TOK-08"""
    for name in claims:
        rest = {each: value for each, value in claims.items() if each != name}

        await check_refused(client, forge(GOOD_HEADER, rest))


async def test_an_invalid_identifier_claim_is_rejected(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    """TOK-07, TOK-08"""
    odd: list[Any] = [None, [], {}, 0, True, "", "soon", "9" * 30, "\x00", "\ud800", str(uuid4())]
    for name, value in product(("sub", "sid", "iss", "aud"), odd):
        await check_refused(client, forge(GOOD_HEADER, claims | {name: value}))
    for value in odd[:-1]:
        await check_refused(client, forge(GOOD_HEADER, claims | {"jti": value}))


async def test_an_invalid_time_claim_is_rejected(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    """TOK-05, TOK-06, TOK-08"""
    odd: list[Any] = [None, [], {}, True, "", "soon", 0.5, float("nan")]
    for name, value in product(("iat", "nbf", "exp"), odd):
        await check_refused(client, forge(GOOD_HEADER, claims | {name: value}))


async def test_an_expired_or_not_yet_valid_token_is_rejected(
    client: AsyncClient, claims: dict[str, Any], clock: StoppedClock
) -> None:
    """TOK-05, TOK-06"""
    now = int(clock().timestamp())
    times = {"exp": now - 30, "nbf": now + 31, "iat": now + 3600}
    for name, at in [*times.items(), ("exp", -1), ("exp", -(10**30)), ("iat", 10**30)]:
        await check_refused(client, forge(GOOD_HEADER, claims | {name: at}))


async def test_a_token_with_the_session_of_another_user_is_rejected(
    client: AsyncClient, claims: dict[str, Any], make_user: MakeUser
) -> None:
    """TOK-08. The session must belong to the user."""
    stranger = await make_user("eve@example.com")

    for name in ("sub", "sid"):
        await check_refused(client, forge(GOOD_HEADER, claims | {name: str(stranger.id)}))


async def test_an_overlong_token_with_a_valid_signature_is_rejected(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    """TOK-14"""
    await check_refused(client, forge(GOOD_HEADER, claims | {"more": "x" * MAX_TOKEN_LENGTH}))


async def test_a_token_with_malformed_claims_or_a_malformed_header_is_rejected(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    """TOK-08"""
    odd: list[Any] = [
        *([], [1], {}, None, 1, "text"),
        *(b"", b"{", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 2_000, b'{"a":' * 500),
        *(b"9" * 2_500, b'{"exp": 1e999}', b'{"exp": 99999999999999999999999999}'),
    ]
    for content in odd:
        await check_refused(client, forge(GOOD_HEADER, content))
        await check_refused(client, forge(content, claims))


async def test_a_malformed_token_is_rejected(client: AsyncClient, user: User) -> None:
    """TOK-08, TOK-14"""
    for token in ("x", ".", "..", "...", "a.b.c", "é.é.é", "a b c", "\x00", "%00", "A" * 100_000):
        await check_refused(client, token)
