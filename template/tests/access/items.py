"""Who may do what with items: only their owners see them, and administrators are none."""

ACCESS = {
    "GET /api/v1/items": (401, 200, 200, 200),
    "POST /api/v1/items": (401, 201, 201, 201),
    "GET /api/v1/items/{item_id}": (401, 404, 200, 404),
    "PATCH /api/v1/items/{item_id}": (401, 404, 200, 404),
    "DELETE /api/v1/items/{item_id}": (401, 404, 204, 404),
}

BODIES = {
    "POST /api/v1/items": {"json": {"name": "Tea", "price": "4.50", "quantity": 3}},
    "PATCH /api/v1/items/{item_id}": {"json": {"quantity": 2}},
}
