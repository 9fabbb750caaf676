"""Permissions on items: only the owner of an item has access; administrators have none."""

from tests.access import Access

ITEM = {"name": "Tea", "price": "4.50", "quantity": 3}

# The first and the last row have the form of release 0.2, which is supported until 1.0.
ACCESS = {
    "GET /api/v1/items": (401, 200, 200, 200),
    "POST /api/v1/items": Access(stranger=201, send={"json": ITEM}),
    "GET /api/v1/items/{item_id}": Access(owner=200),
    "PATCH /api/v1/items/{item_id}": Access(owner=200, send={"json": {"quantity": 2}}),
    "DELETE /api/v1/items/{item_id}": (401, 404, 204, 404),
}
