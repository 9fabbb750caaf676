"""Lists and searches of accounts."""

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import problem
from tests.conftest import MakeUser

USERS = "/api/v1/users"


async def emails(client: AsyncClient, **params: str | int) -> list[str]:
    response = await client.get(USERS, params=params)
    assert response.status_code == 200
    return [user["email"] for user in response.json()["items"]]


@pytest.fixture
async def people(make_user: MakeUser) -> list[User]:
    """Three other users."""
    return [
        await make_user("ben@example.com", full_name="Ben 100% Adams"),
        await make_user("Cleo@example.com", full_name="Cleo", is_active=False),
        await make_user("dan_1@example.com"),
    ]


async def test_accounts_are_paginated_and_counted(
    admin_client: AsyncClient, people: list[User]
) -> None:
    """AUZ-08, VAL-16"""
    response = await admin_client.get(USERS, params={"limit": 2, "offset": 1})

    page = response.json()
    assert {name: page[name] for name in ("total", "limit", "offset")} == {
        "total": 4,
        "limit": 2,
        "offset": 1,
    }
    found = await admin_client.get(USERS, params={"q": "ben@", "limit": 1})
    assert found.json()["total"] == 1
    assert [user["email"] for user in page["items"]] == ["Cleo@example.com", "ben@example.com"]
    assert set(page["items"][0]) == {
        *("id", "email", "full_name", "is_active", "is_superuser", "created_at")
    }


async def test_accounts_can_be_sorted_by_creation_time_and_address(
    admin_client: AsyncClient, people: list[User]
) -> None:
    """VAL-14"""
    newest = await emails(admin_client)

    assert await emails(admin_client, sort="-created_at") == newest
    assert await emails(admin_client, sort="created_at") == newest[::-1]
    assert await emails(admin_client, sort="email") == sorted(newest, key=str.lower)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BEN@", ["ben@example.com"]),
        ("cleo", ["Cleo@example.com"]),
        ("100%", ["ben@example.com"]),
        ("%", ["ben@example.com"]),
        ("_", ["dan_1@example.com"]),
        ("\\", []),
        ("'; DROP TABLE users; --", []),
    ],
)
async def test_search_finds_accounts_by_text_in_their_address_or_name(
    admin_client: AsyncClient, people: list[User], text: str, found: list[str]
) -> None:
    """VAL-13, VAL-19"""
    assert await emails(admin_client, q=text) == found


async def test_accounts_can_be_filtered_by_active_status(
    admin_client: AsyncClient, people: list[User]
) -> None:
    assert await emails(admin_client, is_active="false") == ["Cleo@example.com"]
    assert len(await emails(admin_client, is_active="true")) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", 0),
        ("limit", 101),
        ("offset", -1),
        ("offset", 100_001),
        ("offset", 10**20),
        ("q", ""),
        ("q", "\x00"),
        ("q", "x" * 101),
        ("is_active", "perhaps"),
        ("sort", "hashed_password"),
        ("cursor", "x"),
        ("is_superuser", "true"),
    ],
)
async def test_invalid_user_list_parameters_are_named_in_the_error(
    admin_client: AsyncClient, name: str, value: str | int
) -> None:
    """VAL-01, VAL-04, VAL-14, VAL-16"""
    response = await admin_client.get(USERS, params={name: value})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["loc"] == ["query", name]
