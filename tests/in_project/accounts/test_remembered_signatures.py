"""Signatures of access tokens are verified once, and everything else each time."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient

from app.core import security
from app.core.auth import jwt_codec
from app.core.security import AccessTokens, TokenError
from tests.clients import StoppedClock
from tests.in_project.accounts.test_bad_tokens import URL, check_refused

KEY, OTHER_KEY = ("a key of thirty-two bytes or more", "another key of thirty-two bytes or more")


def create_tokens(*keys: str) -> AccessTokens:
    return AccessTokens.create(
        keys, "HS256", issuer="us", audience="us", lifetime=timedelta(minutes=15)
    )


@pytest.fixture
def now(clock: StoppedClock) -> datetime:
    return clock()


@pytest.fixture
def tokens() -> AccessTokens:
    return create_tokens(KEY)


@pytest.fixture
def token(tokens: AccessTokens, now: datetime) -> str:
    """A token whose signature has been verified once."""
    token = tokens.create_access_token(uuid4(), uuid4(), now)
    tokens.verify(token, now)
    return token


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signatures are verified from now on."""
    calls: list[str] = []
    decode = jwt_codec.decode

    def decode_and_note(token: str, key: str, algorithm: str) -> bytes:
        calls.append(token)
        return decode(token, key, algorithm)

    monkeypatch.setattr(jwt_codec, "decode", decode_and_note)
    return calls


def refuse(tokens: AccessTokens, token: str, now: datetime) -> None:
    with pytest.raises(TokenError):
        tokens.verify(token, now)


def test_the_signature_of_a_token_is_verified_once(
    tokens: AccessTokens, token: str, now: datetime, verified: list[str]
) -> None:
    again = tokens.verify(token, now)

    assert again == create_tokens(KEY).verify(token, now)
    assert verified == [token]  # by the new instance


def test_a_forged_token_that_shares_a_prefix_with_a_verified_token_is_rejected(
    tokens: AccessTokens, token: str, now: datetime, verified: list[str]
) -> None:
    """TOK-03. A forged token is never remembered, so its signature is verified each time."""
    other = create_tokens(OTHER_KEY).create_access_token(uuid4(), uuid4(), now)
    signature = other.rpartition(".")[2]
    signed = token.rpartition(".")[0]
    last = "A" if token[-1] != "A" else "B"
    for forged in (f"{signed}.{signature}", token[:-1] + last, f"{signed}.", f"{token}\ud800"):
        for _ in range(2):
            refuse(tokens, forged, now)

    assert tokens.verify(token, now).iss == "us"
    assert verified.count(f"{signed}.{signature}") == 2


def test_a_verified_token_is_rejected_with_other_keys(
    tokens: AccessTokens, token: str, now: datetime
) -> None:
    """TOK-03, TOK-19"""
    refuse(create_tokens(OTHER_KEY), token, now)
    refuse(replace(tokens, keys=create_tokens(OTHER_KEY).keys), token, now)
    tokens.keys.clear()
    refuse(tokens, token, now)


def test_a_verified_token_is_accepted_while_its_key_is_a_previous_key(
    token: str, now: datetime
) -> None:
    """TOK-19"""
    rotated = create_tokens(OTHER_KEY, KEY)

    assert rotated.verify(token, now) == rotated.verify(token, now)
    rotated.keys.popitem()
    refuse(rotated, token, now)


def test_a_verified_token_is_rejected_after_it_expires(
    tokens: AccessTokens, token: str, now: datetime, verified: list[str]
) -> None:
    """TOK-05, TOK-10. An expired token is never remembered."""
    later = now + timedelta(minutes=15, seconds=30)

    for _ in range(3):
        refuse(tokens, token, later)

    assert verified == [token, token]  # not the first time: it was still remembered


def test_a_verified_token_is_rejected_for_another_issuer_or_audience(
    tokens: AccessTokens, token: str, now: datetime
) -> None:
    """TOK-07"""
    for other in (replace(tokens, issuer="them"), replace(tokens, audience="them")):
        for _ in range(2):
            refuse(other, token, now)


def test_the_number_of_remembered_signatures_is_bounded(
    tokens: AccessTokens, now: datetime, verified: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token that was used least recently is forgotten (CWE-770)."""
    monkeypatch.setattr(security, "MAX_REMEMBERED", 2)
    first, second, third = (tokens.create_access_token(uuid4(), uuid4(), now) for _ in range(3))

    for token in (first, second, first, third, first, second):
        tokens.verify(token, now)

    assert verified == [first, second, third, second]


async def test_a_verified_token_is_rejected_after_its_session_ends(
    client: AsyncClient, test_user_token: str, verified: list[str]
) -> None:
    """SES-04, TOK-20. The session is read from the database for each request."""
    headers = {"Authorization": f"Bearer {test_user_token}"}
    for _ in range(2):
        assert (await client.get(URL, headers=headers)).status_code == 200
    assert len(verified) <= 1

    assert (await client.post("/api/v1/auth/logout", headers=headers)).status_code == 204

    await check_refused(client, test_user_token)
