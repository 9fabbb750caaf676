"""Access tokens with an invalid signature, algorithm or header."""

from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

import pytest
from httpx import AsyncClient

from app.core.security import key_id
from app.models.user import User
from tests.clients import SECRET_KEY, StoppedClock, problem
from tests.in_project.forged_tokens import GOOD_HEADER, forge, good_claims

URL = "/api/v1/users/me"
# Signing keys from tutorials.
KNOWN_KEYS = (
    "changethis",
    "secret",
    "your-256-bit-secret",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
)
LETTERS = f"{ascii_uppercase}{ascii_lowercase}{digits}-_"


async def check_refused(client: AsyncClient, token: str) -> None:
    response = await client.get(URL, headers={b"Authorization": f"Bearer {token}".encode()})

    assert response.status_code == 401, token[:200]
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert problem(response)["detail"] == "Could not validate credentials."


@pytest.fixture
def claims(user: User, clock: StoppedClock) -> dict[str, Any]:
    return good_claims(user.id, clock())


async def test_a_token_that_the_test_signs_with_the_configured_key_is_accepted(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    token = forge(GOOD_HEADER, claims)

    response = await client.get(URL, headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 200


async def test_an_unsigned_token_is_rejected(client: AsyncClient, claims: dict[str, Any]) -> None:
    """TOK-01"""
    for algorithm in ("none", "None", "nOnE", "NONE", ""):
        token = forge(GOOD_HEADER | {"alg": algorithm}, claims)
        unsigned = token.rpartition(".")[0]

        for each in (token, f"{unsigned}.", unsigned):
            await check_refused(client, each)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_a_token_with_an_unexpected_algorithm_is_rejected(
    client: AsyncClient, claims: dict[str, Any], algorithm: str
) -> None:
    """TOK-02"""
    await check_refused(
        client, forge(GOOD_HEADER | {"alg": algorithm}, claims, SECRET_KEY, algorithm)
    )
    await check_refused(client, forge(GOOD_HEADER, claims, SECRET_KEY, algorithm))


async def test_a_token_signed_with_an_unknown_key_is_rejected(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    """TOK-03"""
    for key in (*KNOWN_KEYS, "another key of thirty-two bytes or more"):
        for kid in (GOOD_HEADER["kid"], key_id(key)):
            await check_refused(client, forge(GOOD_HEADER | {"kid": kid}, claims, key))


async def test_a_modified_token_is_rejected(client: AsyncClient, test_user_token: str) -> None:
    """TOK-03"""
    places = range(0, len(test_user_token), 17)
    # In base64url, the last two bits of the last character of the signature are unused.
    first = LETTERS.index(test_user_token[-1]) // 4 * 4
    flipped = [
        test_user_token[:i] + ("A" if test_user_token[i] != "A" else "B") + test_user_token[i + 1 :]
        for i in places
    ]
    respelled = [test_user_token[:-1] + last for last in LETTERS[first + 1 : first + 4]]
    cut = [test_user_token[:i] for i in places if i] + [test_user_token[:-1]]
    longer = [f"{test_user_token}{more}" for more in ("A", ".", "..", ".AAAA", "!", "=", "==", "é")]

    for token in (*flipped, *respelled, *cut, *longer, f".{test_user_token}", test_user_token[1:]):
        await check_refused(client, token)


async def test_a_token_with_an_unexpected_header_is_rejected(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    """TOK-04, TOK-09"""
    odd: dict[str, list[Any]] = {
        "typ": ["JWT", "rt+jwt", "", 0, None],
        "kid": ["unknown", "../../dev/null", ["unknown"], {}, 0, None],
        "crit": [["exp"], [], None],
        "alg": ["RS256", ["HS256"], 0, None],
    }
    for name, values in odd.items():
        for value in values:
            await check_refused(client, forge(GOOD_HEADER | {name: value}, claims))
    for name in GOOD_HEADER:
        rest = {each: value for each, value in GOOD_HEADER.items() if each != name}
        await check_refused(client, forge(rest, claims))


async def test_a_key_in_the_token_header_is_ignored(
    client: AsyncClient, claims: dict[str, Any]
) -> None:
    """TOK-04"""
    key = {"kty": "oct", "k": "c2VjcmV0", "url": "http://127.0.0.1:1/keys"}
    for member in ("jwk", "jku", "x5u", "x5c"):
        await check_refused(client, forge(GOOD_HEADER | {member: key}, claims, "secret"))
