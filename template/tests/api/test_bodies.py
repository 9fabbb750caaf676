"""Bodies that are none of ours."""

import gzip
import json

import pytest
from httpx import AsyncClient

from tests.clients import PASSWORD, problem

DATA = {"email": "grace@example.com", "password": PASSWORD}
GOOD = json.dumps(DATA).encode()
BAD = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"text"',
    "half an object": GOOD[:-1],
    "two objects": GOOD + GOOD,
    "single quotes": GOOD.replace(b'"', b"'"),
    "a comma too many": GOOD.replace(b"}", b",}"),
    "a comment": GOOD + b"// more",
    "a NUL": GOOD + b"\x00",
    "invalid UTF-8": GOOD.replace(b"grace", b"gr\xffce"),
    "overlong UTF-8": GOOD.replace(b"grace", b"gr\xc1\xa1ce"),
    "NaN": GOOD.replace(b"}", b', "full_name": NaN}'),
    "infinity": GOOD.replace(b"}", b', "full_name": Infinity}'),
    "infinitely large": GOOD.replace(b"}", b', "full_name": 1e999}'),
    "4400 digits": GOOD.replace(b"}", b', "full_name": ' + b"9" * 4400 + b"}"),
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"email":' * 100_000,
    "half a character for a name": GOOD.replace(b"}", b', "\\ud800": 1}'),
    "NUL in a name": GOOD.replace(b"}", b', "\\u0000": 1}'),
    "compressed": gzip.compress(GOOD),
}


async def test_a_body_that_is_not_valid_is_refused(client: AsyncClient) -> None:
    """VAL-01, VAL-02, VAL-06, VAL-07, VAL-10, VAL-11, RES-03, ERR-03"""
    headers = {"Content-Type": "application/json"}
    for body, content in BAD.items():
        response = await client.post("/api/v1/users", content=content, headers=headers)

        assert response.status_code in {400, 422}, body
        problem(response)
        assert PASSWORD not in response.text


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
async def test_json_is_read_only_where_it_is_said_to_be(
    client: AsyncClient, media_type: str | None
) -> None:
    """VAL-09"""
    headers = {"Content-Type": media_type} if media_type else {}

    response = await client.post("/api/v1/users", content=GOOD, headers=headers)

    assert response.status_code == 422
    problem(response)


async def test_of_two_members_of_one_name_the_last_one_counts(client: AsyncClient) -> None:
    """VAL-08"""
    body = GOOD.replace(b"{", b'{"email": "first@example.com", ')
    headers = {"Content-Type": "application/json"}

    response = await client.post("/api/v1/users", content=body, headers=headers)

    assert response.status_code == 201
    assert response.json()["email"] == "grace@example.com"


async def test_parameters_that_nobody_asked_for_are_harmless(client: AsyncClient) -> None:
    """VAL-01, VAL-10, VAL-18"""
    for query in ("a=%00", "a=%FF", "a=%", "a=" + "9" * 5000, "&".join(["a=1"] * 3000)):
        response = await client.get(f"/health?{query}")

        assert response.status_code == 200, query[:9]
