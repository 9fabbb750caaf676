"""Lists of texts in upper and lower case, in databases of every locale."""

from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from app.core.db.letter_case import normalize_email
from tests.in_project.locales import USERS, anonymous, app, authenticate, database, register, shared

__all__ = ["anonymous", "app", "database", "shared"]
ITEMS = "/api/v1/items"


async def listed(client: AsyncClient, url: str, field: str, **query: str) -> list[str]:
    """Return one field of the rows on the first page of a list."""
    found = (await client.get(url, params=query)).json()["items"]
    return [str(row[field]) for row in found]


async def test_accounts_are_searched_and_sorted_case_insensitively(
    app: FastAPI, anonymous: AsyncClient
) -> None:
    """VAL-13, VAL-14"""
    names = ["Zoe", "élodie", "ÉMILE", "IVANA", "bea", "Σίσυφος"]
    for name in names:
        assert await register(anonymous, f"{name}@example.com") == 201
    async with app.state.resources.database.begin() as session:
        await session.execute(text("UPDATE users SET is_superuser = true, full_name = email"))
    await authenticate(anonymous, "bea@example.com")

    for name in names:
        for query in (f"{name.lower()}@", f"{name.upper()}@", f"{name.swapcase()}@"):
            found = await listed(anonymous, USERS, "email", q=query)
            assert found == [f"{name}@example.com"], query
    ordered = sorted((f"{name}@example.com" for name in names), key=normalize_email)
    assert await listed(anonymous, USERS, "email", sort="email") == ordered


async def test_items_are_searched_and_sorted_case_insensitively(anonymous: AsyncClient) -> None:
    """VAL-13, VAL-14"""
    await register(anonymous, "ada@example.com")
    await authenticate(anonymous, "ada@example.com")
    names = ["\u0131nca", "INCA B", "inca a", "Éa", "éb", "ÉC", "b", "Z"]
    for name in names:
        item = {"name": name, "price": "1", "quantity": 1, "tags": []}
        assert (await anonymous.post(ITEMS, json=item)).status_code == 201

    async def walked(sort: str) -> list[str]:
        pages, query = [], {"sort": sort, "limit": "1"}
        while True:
            page = (await anonymous.get(ITEMS, params=query)).json()
            pages += [item["name"] for item in page["items"]]
            if page["next_cursor"] is None:
                return pages
            query["cursor"] = page["next_cursor"]

    assert await listed(anonymous, ITEMS, "name", q="INCA", sort="name") == [
        "\u0131nca",
        "inca a",
        "INCA B",
    ]
    assert await listed(anonymous, ITEMS, "name", q="éB") == ["éb"]
    ordered = ["b", "\u0131nca", "inca a", "INCA B", "Z", "Éa", "éb", "ÉC"]
    assert await walked("name") == ordered
    assert await walked("-name") == ordered[::-1]
