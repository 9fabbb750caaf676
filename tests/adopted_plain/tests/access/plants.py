"""Access to plants: every client may call every operation."""

from tests.access import Access

FERN = {"name": "Fern", "height": 30, "shelf": "A"}

ACCESS = {
    "POST /plants": Access(anonymous=201, stranger=201, send={"json": FERN}),
    "GET /plants/{plant_id}": Access(anonymous=200, stranger=200),
}
