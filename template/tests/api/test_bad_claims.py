"""Tokens signed with our key that let nobody in all the same."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.api.test_bad_tokens import check_refused
from tests.clients import StoppedClock
from tests.tokens import GOOD_HEADER, forge, good_claims


@pytest.fixture
def claims(user: User, clock: StoppedClock) -> dict[str, Any]:
    return good_claims(user.id, clock())


@pytest.mark.parametrize("name", ["sub", "jti", "iss", "aud", "iat", "nbf", "exp"])
async def test_every_claim_is_needed(
    client: AsyncClient, claims: dict[str, Any], name: str
) -> None:
    """TOK-05, TOK-07, TOK-08"""
    del claims[name]

    await check_refused(client, forge(GOOD_HEADER, claims))


@pytest.mark.parametrize("name", ["sub", "jti", "iss", "aud"])
@pytest.mark.parametrize(
    "value", [None, [], {}, 0, True, "", "soon", "9" * 30, "\x00", "\ud800"], ids=ascii
)
async def test_an_odd_name_or_id_is_refused(
    client: AsyncClient, claims: dict[str, Any], name: str, value: Any
) -> None:
    """TOK-07, TOK-08"""
    await check_refused(client, forge(GOOD_HEADER, claims | {name: value}))


@pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
@pytest.mark.parametrize("value", [None, [], {}, True, "", "soon", 0.5, float("nan")], ids=str)
async def test_an_odd_time_is_refused(
    client: AsyncClient, claims: dict[str, Any], name: str, value: Any
) -> None:
    """TOK-05, TOK-06, TOK-08"""
    await check_refused(client, forge(GOOD_HEADER, claims | {name: value}))


@pytest.mark.parametrize(
    ("name", "seconds"), [("exp", -30), ("exp", -(10**30)), ("nbf", 31), ("iat", 3600)]
)
async def test_a_time_that_is_over_or_to_come_is_refused(
    client: AsyncClient, claims: dict[str, Any], clock: StoppedClock, name: str, seconds: int
) -> None:
    """TOK-05, TOK-06"""
    at = int(clock().timestamp()) + seconds

    await check_refused(client, forge(GOOD_HEADER, claims | {name: at}))


async def test_an_id_of_nobody_is_refused(client: AsyncClient, claims: dict[str, Any]) -> None:
    """TOK-08"""
    await check_refused(client, forge(GOOD_HEADER, claims | {"sub": str(uuid4())}))


@pytest.mark.parametrize(
    "content",
    [
        *([], [1], {}, None, 1, "text"),
        *(b"", b"{", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 2_000, b'{"a":' * 500),
        *(b"9" * 2_500, b'{"exp": 1e999}', b'{"exp": 99999999999999999999999999}'),
    ],
    ids=range(15),
)
async def test_what_is_no_object_is_refused_as_claims_and_as_header(
    client: AsyncClient, claims: dict[str, Any], content: Any
) -> None:
    """TOK-08"""
    await check_refused(client, forge(GOOD_HEADER, content))
    await check_refused(client, forge(content, claims))


@pytest.mark.parametrize(
    "token",
    ["x", ".", "..", "...", "a.b.c", "é.é.é", "a b c", "\x00", "%00", "A" * 100_000],
    ids=range(10),
)
async def test_what_is_no_token_is_refused(client: AsyncClient, user: User, token: str) -> None:
    """TOK-08, TOK-14"""
    await check_refused(client, token)
