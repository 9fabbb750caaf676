"""Permissions on items: only the owner has access, no administrator."""

from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.models.item import Item
from app.models.user import User
from tests.access import Access, Given

DATA: dict[str, Any] = {"name": "Name 0", "price": "1.0000", "quantity": 0, "tags": ["Tag 0"]}
# The first and the last row have the form of release 0.2, which is supported until 1.0.
ACCESS = {
    "GET /api/v1/items": (401, 200, 200, 200),
    "POST /api/v1/items": Access(stranger=201, send={"json": DATA}),
    "GET /api/v1/items/{item_id}": Access(owner=200),
    "PATCH /api/v1/items/{item_id}": Access(owner=200, send={"json": {"name": "Name 1"}}),
    "DELETE /api/v1/items/{item_id}": (401, 404, 204, 404),
}


async def add_item(session: AsyncSession, owner: User, /, **values: Any) -> Item:
    """Add an item of a user."""
    usual: dict[str, Any] = {
        "owner_id": owner.id,
        "name": "Name 0",
        "price": Decimal("1.0000"),
        "quantity": 0,
        "tags": ["Tag 0"],
    }
    item = Item(**usual | values)
    session.add(item)
    await session.flush()
    return item


async def add_rows(given: Given) -> dict[str, object]:
    """Add an item of the owner."""
    item = await add_item(given.session, given.owner)
    return {"item_id": item.id}
