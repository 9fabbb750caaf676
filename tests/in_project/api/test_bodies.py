"""Valid and invalid request bodies and queries."""

import gzip
import json
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, FastAPI
from httpx import AsyncClient

from app.api.routing import GuardedRoute
from tests.clients import PASSWORD, client_of, problem
from tests.conftest import MakeApp

JSON = {"Content-Type": "application/json"}
USERS = "/api/v1/users"
DATA = {"email": "grace@example.com", "password": PASSWORD}
GOOD = json.dumps(DATA).encode()
# Valid bodies of three operations. Each contains the word "grace".
OPERATIONS = {
    ("POST", USERS): DATA,
    ("PATCH", f"{USERS}/me"): {"full_name": "grace"},
    ("POST", f"{USERS}/me/email"): {"current_password": PASSWORD, "email": "grace@example.com"},
}


def not_json(good: bytes) -> dict[str, bytes]:
    return {
        "half an object": good[:-1],
        "two objects": good + good,
        "single quotes": good.replace(b'"', b"'"),
        "a trailing comma": good.replace(b"}", b",}"),
        "a comment": good + b"// more",
        "a NUL": good + b"\x00",
        "a NUL inside": good.replace(b"grace", b"gr\x00ace"),
        "invalid UTF-8": good.replace(b"grace", b"gr\xffce"),
        "overlong UTF-8": good.replace(b"grace", b"gr\xc1\xa1ce"),
        "lone surrogate in UTF-8": good.replace(b"grace", b"gr\xed\xa0\x80ce"),
        "UTF-16": good.decode().encode("utf-16"),
        "UTF-16 without a mark": good.decode().encode("utf-16-le"),
        "UTF-32": good.decode().encode("utf-32"),
        "UTF-32 without a mark": good.decode().encode("utf-32-be"),
        "a byte order mark": good.decode().encode("utf-8-sig"),
        "NaN": good.replace(b"}", b', "n": NaN}'),
        "infinity": good.replace(b"}", b', "n": Infinity}'),
        "negative infinity": good.replace(b"}", b', "n": -Infinity}'),
        "4400 digits": good.replace(b"}", b', "n": ' + b"9" * 4400 + b"}"),
        "deep lists": b"[" * 200_000,
        "deep lists that end": b"[" * 200_000 + b"]" * 200_000,
        "deep objects": b'{"email":' * 100_000,
    }


def not_ours(good: bytes) -> dict[str, bytes]:
    return {
        "nothing": b"",
        "null": b"null",
        "a list": b"[]",
        "a number": b"1",
        "a text": b'"text"',
        "number beyond the range of a float": good.replace(b"}", b', "full_name": 1e999}'),
        "a deep list": good.replace(b"}", b', "full_name": ' + b"[" * 500 + b"]" * 500 + b"}"),
        "lone surrogate": good.replace(b"grace", b"gr\\ud800ce"),
        "lone surrogate in a name": good.replace(b"}", b', "\\ud800": 1}'),
        "NUL in a text": good.replace(b"grace", b"gr\\u0000ace"),
        "NUL in a name": good.replace(b"}", b', "\\u0000": 1}'),
        "compressed without a header": gzip.compress(good),
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
async def test_an_invalid_json_body_is_rejected(
    authenticated_client: AsyncClient, operation: tuple[str, str]
) -> None:
    """VAL-01, VAL-02, VAL-06, VAL-07, VAL-10, VAL-11, ERR-03"""
    good = json.dumps(OPERATIONS[operation]).encode()
    for body, content in (not_json(good) | not_ours(good)).items():
        response = await authenticated_client.request(*operation, content=content, headers=JSON)

        assert response.status_code in {400, 422}, body
        problem(response)
        assert PASSWORD not in response.text
    assert "grace" not in (await authenticated_client.get(f"{USERS}/me")).text
    response = await authenticated_client.request(*operation, content=good, headers=JSON)
    assert response.is_success


async def test_an_operation_that_accepts_any_json_rejects_malformed_json(
    app_that_takes_anything: FastAPI,
) -> None:
    """VAL-06, VAL-07, VAL-10, RFC 8259 8.1"""
    client = client_of(app_that_takes_anything)
    for body, content in not_json(GOOD).items():
        response = await client.post("/any", content=content, headers=JSON)

        assert response.status_code in {400, 422}, body
        problem(response)
    assert (await client.post("/any", content=GOOD, headers=JSON)).json() == DATA


@pytest.fixture
async def app_that_takes_anything(make_app: MakeApp) -> FastAPI:
    async def take(anything: Annotated[Any, Body()]) -> Any:
        return anything

    app, router = await make_app(), APIRouter(route_class=GuardedRoute)
    router.post("/any")(take)
    app.include_router(router)
    return app


@pytest.mark.parametrize(
    "media_type",
    [
        *(
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            None,
        ),
        *("application/json5", "text/json", "application/jsonx", "json", ","),
    ],
)
async def test_a_json_body_with_another_content_type_is_rejected(
    client: AsyncClient, media_type: str | None
) -> None:
    """VAL-09"""
    headers = {"Content-Type": media_type} if media_type else {}

    response = await client.post(USERS, content=GOOD, headers=headers)

    assert response.status_code == 422
    problem(response)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/x+json"])
async def test_json_media_type_variants_are_accepted(client: AsyncClient, media_type: str) -> None:
    """VAL-09"""
    response = await client.post(USERS, content=GOOD, headers={"Content-Type": media_type})

    assert response.status_code == 201


@pytest.mark.parametrize("path", [USERS, "/api/v1/auth/token", "/api/v1/users/me", "/nothing"])
@pytest.mark.parametrize(
    "codings",
    [["gzip"], ["GZip"], ["deflate"], ["br"], ["identity", "gzip"], ["x, identity"], [""]],
)
async def test_a_compressed_body_is_rejected_with_415(
    client: AsyncClient, path: str, codings: list[str]
) -> None:
    """RES-03"""
    headers = [("Content-Encoding", coding) for coding in codings] + list(JSON.items())

    response = await client.post(path, content=gzip.compress(GOOD), headers=headers)

    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "identity"
    problem(response)


async def test_content_encoding_identity_is_accepted(client: AsyncClient) -> None:
    """RES-03"""
    headers = JSON | {"Content-Encoding": "Identity"}

    assert (await client.post(USERS, content=GOOD, headers=headers)).status_code == 201


async def test_the_last_of_duplicate_json_keys_is_used(client: AsyncClient) -> None:
    """VAL-08"""
    body = GOOD.replace(b"{", b'{"email": "first@example.com", ')

    response = await client.post(USERS, content=body, headers=JSON)

    assert response.status_code == 201
    assert response.json()["email"] == "grace@example.com"


async def test_a_route_without_query_parameters_ignores_the_query(client: AsyncClient) -> None:
    """VAL-01, VAL-18"""
    for query in ("a=%00", "a=%FF", "a=%", "a=%zz", "a=" + "9" * 5000, "&".join(["a=1"] * 3000)):
        response = await client.get(f"/health?{query}")

        assert response.status_code == 200, query[:9]


@pytest.mark.parametrize("query", ["%FF", "a=%C1%A1", "a=1&%ED%A0%80=1", "a=%F5%80%80%80"])
async def test_a_query_that_is_not_utf8_is_rejected(
    authenticated_client: AsyncClient, query: str
) -> None:
    """VAL-10"""
    response = await authenticated_client.get(f"{USERS}/me?{query}")

    assert response.status_code == 400
    assert problem(response)["detail"] == "The query must be UTF-8."
