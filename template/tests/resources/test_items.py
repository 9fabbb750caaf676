"""Requests for single items."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient

from app.models.item import Item
from app.models.user import User
from tests.access.items import DATA, add_item
from tests.clients import problem
from tests.databases import RolledBackDatabase
from tests.rows import is_now, stored

URL = "/api/v1/items"
REQUIRED = {name: DATA[name] for name in ("name", "price", "quantity")}
DEFAULTS: dict[str, Any] = {"tags": []}
CHANGES: dict[str, Any] = {"name": "Name 1", "price": "2.0000", "quantity": 1, "tags": ["Tag 1"]}
ACCEPTED: dict[str, list[Any]] = {
    "name": ["n", "n" * 100, "👩", "<b>%_\\'\"</b>"],
    "price": ["0.0001", "99999999.9999", "3.0000", "3.0000E+0"],
    "quantity": [0, 10000, 2],
    "tags": [[], ["n" * 50], [chr(0x4E00 + n) for n in range(10)]],
}
# Responses contain these texts in another form.
CANONICAL = {"3.0000E+0": "3.0000"}
REFUSED: dict[str, list[Any]] = {
    "name": [None, "", 1, ["text"], "n" * 101, " ", "\x00"],
    "price": [
        *(None, "many", "NaN", "1e999999999", True, [1], "0.0000", "100000000.0000"),
        "99999999.99989",
    ],
    "quantity": [None, "many", "3", 3.5, True, [1], -1, 10001],
    "tags": [
        *(None, "text", ["n", "n"], [chr(0x4E00 + n) for n in range(11)], [None]),
        *([""], [1], [["text"]], ["n" * 51], [" "], ["\x00"]),
    ],
    **{name: ["019b0000-0000-7000-8000-000000000000"] for name in ("id", "owner_id")},
    **{name: ["2026-01-01T00:00:00Z"] for name in ("created_at", "updated_at")},
    **{name: [1] for name in ("version", "unknown")},
}


@pytest.fixture
async def url(database: RolledBackDatabase, user: User) -> str:
    """The URL of an item."""
    past = datetime(2026, 1, 1, tzinfo=UTC)
    async with database.begin() as session:
        row = await add_item(session, user, created_at=past, updated_at=past)
        return f"{URL}/{row.id}"


async def test_a_created_item_is_found_at_its_location(authenticated_client: AsyncClient) -> None:
    response = await authenticated_client.post(URL, json=DATA)

    assert response.status_code == 201
    created = response.json()
    assert response.headers["location"] == f"{URL}/{created['id']}"
    assert response.headers["etag"] == '"1"'
    assert created.pop("version") == 1
    read = await authenticated_client.get(response.headers["location"])
    assert (read.status_code, read.json()) == (200, response.json())
    assert is_now(created["created_at"])
    assert created.pop("created_at") == created.pop("updated_at")
    assert created == DATA | {"id": created["id"]}


async def test_omitted_members_of_an_item_have_their_defaults(
    authenticated_client: AsyncClient,
) -> None:
    response = await authenticated_client.post(URL, json=REQUIRED)

    assert response.status_code == 201
    created = response.json()
    assert {name: created[name] for name in DEFAULTS} == DEFAULTS


async def test_an_item_without_a_required_member_is_rejected(
    authenticated_client: AsyncClient,
) -> None:
    for member in ("name", "price", "quantity"):
        body = {name: value for name, value in DATA.items() if name != member}
        response = await authenticated_client.post(URL, json=body)

        assert response.status_code == 422, member
        assert problem(response)["errors"][0]["loc"] == ["body", member]


async def test_an_item_is_created_with_each_valid_value(
    authenticated_client: AsyncClient, database: RolledBackDatabase
) -> None:
    for member, values in ACCEPTED.items():
        for value in values:
            async with database.undone():
                response = await authenticated_client.post(URL, json=DATA | {member: value})

                assert response.status_code == 201, (member, value)
                assert response.json()[member] == CANONICAL.get(str(value), value)


async def test_an_item_can_be_changed_to_each_valid_value(
    authenticated_client: AsyncClient, database: RolledBackDatabase, url: str
) -> None:
    for member in ACCEPTED.keys() & CHANGES.keys():
        for value in ACCEPTED[member]:
            async with database.undone():
                response = await authenticated_client.patch(url, json={member: value})

                assert response.status_code == 200, (member, value)
                assert response.json()[member] == CANONICAL.get(str(value), value)


async def test_invalid_members_of_an_item_are_named_in_the_errors_and_have_no_effect(
    authenticated_client: AsyncClient, database: RolledBackDatabase, url: str
) -> None:
    before = await stored(database, Item)
    headers = {"Content-Type": "application/json"}
    for method, target, body in [("POST", URL, DATA), ("PATCH", url, {})]:
        for member, values in REFUSED.items():
            for value in values:
                sent = json.dumps(body | {member: value})
                response = await authenticated_client.request(
                    method, target, content=sent, headers=headers
                )

                assert response.status_code == 422, (method, member, value)
                assert member in str(problem(response)["errors"]), (method, member, value)
    assert await stored(database, Item) == before


async def test_a_patch_of_an_item_changes_only_the_given_members(
    authenticated_client: AsyncClient, url: str
) -> None:
    expected = (await authenticated_client.patch(url, json={})).json()
    for member, value in CHANGES.items():
        response = await authenticated_client.patch(url, json={member: value})

        assert response.status_code == 200, member
        changed = response.json()
        assert is_now(changed["updated_at"])
        expected |= {member: value, "updated_at": changed["updated_at"]}
        expected["version"] += 1
        assert response.headers["etag"] == f'"{expected["version"]}"'
        assert changed == expected
        assert (await authenticated_client.get(url)).json() == expected


async def test_a_deleted_item_returns_404(
    authenticated_client: AsyncClient, database: RolledBackDatabase, user: User, url: str
) -> None:
    async with database.begin() as session:
        other = await add_item(session, user)

    response = await authenticated_client.delete(url)

    assert (response.status_code, response.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        again = await authenticated_client.request(method, url, json={})
        assert again.status_code == 404
        assert problem(again)["detail"] == f"Item with id {url.rpartition('/')[2]} not found"
    assert other.id in {row["id"] for row in await stored(database, Item)}


async def test_an_invalid_id_of_an_item_is_rejected(authenticated_client: AsyncClient) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        response = await authenticated_client.request(method, f"{URL}/1", json={})

        assert response.status_code == 422
        assert problem(response)["errors"][0]["loc"] == ["path", "item_id"]
