"""Versions of items, and conditional requests."""

from collections.abc import Callable
from itertools import product

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from tests.clients import client_of, problem
from tests.conftest import MakeUser

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3}


@pytest.fixture
async def url(authenticated_client: AsyncClient) -> str:
    """The URL of an item in its first version."""
    response = await authenticated_client.post(URL, json=DATA)
    assert response.headers["etag"] == '"1"'
    assert response.json()["version"] == 1
    return response.headers["location"]


async def test_only_updates_that_change_a_value_increase_the_version(
    authenticated_client: AsyncClient, url: str
) -> None:
    """HTT-10"""
    seen = []
    for change in ({"quantity": 4}, {"quantity": 4}, {}, {"quantity": 3, "name": "Coffee"}):
        changed = await authenticated_client.patch(url, json=change)
        read = await authenticated_client.get(url)

        assert changed.headers["etag"] == read.headers["etag"]
        assert changed.json() == read.json()
        seen.append((read.headers["etag"], read.json()["version"]))
    assert seen == [('"2"', 2), ('"2"', 2), ('"2"', 2), ('"3"', 3)]


async def test_a_conditional_read_of_an_unchanged_item_returns_304(
    authenticated_client: AsyncClient, url: str
) -> None:
    """HTT-10, HTT-03"""
    for method in ("GET", "HEAD"):
        response = await authenticated_client.request(method, url, headers={"If-None-Match": '"1"'})

        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == '"1"'
    await authenticated_client.patch(url, json={"quantity": 4})
    response = await authenticated_client.get(url, headers={"If-None-Match": '"1"'})
    assert (response.status_code, response.json()["quantity"]) == (200, 4)


@pytest.mark.parametrize("headers", [{"If-Match": '"1"'}, {"If-None-Match": '"2"'}])
async def test_changes_and_deletions_with_a_failed_precondition_return_412(
    authenticated_client: AsyncClient, url: str, headers: dict[str, str]
) -> None:
    """HTT-10, CON-02"""
    newest = await authenticated_client.patch(url, json={"quantity": 4})

    refused = [
        await authenticated_client.patch(url, json={"quantity": 5}, headers=headers),
        await authenticated_client.delete(url, headers=headers),
    ]

    assert [problem(response)["status"] for response in refused] == [412, 412]
    assert (await authenticated_client.get(url)).json() == newest.json()
    seen = {"If-Match": newest.headers["etag"]}
    assert (await authenticated_client.delete(url, headers=seen)).status_code == 204


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
async def test_conditional_requests_do_not_reveal_items_of_other_users(
    app: FastAPI, make_user: MakeUser, make_token: Callable[[User], str], url: str, header: str
) -> None:
    """AUZ-02"""
    stranger = client_of(app, make_token(await make_user("eve@example.com")))
    missing = f"{URL}/019b0000-0000-7000-8000-000000000000"
    for method, where in product(("GET", "HEAD", "PATCH", "DELETE"), (url, missing)):
        for condition in ('"1"', "*"):
            response = await stranger.request(method, where, json={}, headers={header: condition})

            assert response.status_code == 404
            assert "etag" not in response.headers


async def test_etags_and_conditional_headers_are_described_in_openapi(app: FastAPI) -> None:
    """HTT-10, HTT-14"""
    paths = app.openapi()["paths"]
    for path, method, status, headers in (
        (URL, "post", "201", {"ETag", "Idempotency-Replayed", "Location"}),
        (f"{URL}/{{item_id}}", "get", "200", {"ETag"}),
        (f"{URL}/{{item_id}}", "get", "304", {"ETag"}),
        (f"{URL}/{{item_id}}", "patch", "200", {"ETag"}),
    ):
        assert {*paths[path][method]["responses"][status]["headers"]} == headers
    for operation in paths[f"{URL}/{{item_id}}"].values():
        names = {each["name"] for each in operation["parameters"]}
        assert {"If-Match", "If-None-Match"} < names
        assert "412" in operation["responses"]
    assert [each["name"] for each in paths[URL]["post"]["parameters"]] == ["Idempotency-Key"]
    assert "409" in paths[URL]["post"]["responses"]
