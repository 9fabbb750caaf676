"""Access to heroes: every client may call every operation."""

from tests.access import Access

ROBIN = {"name": "Robin", "team": "Titans"}

ACCESS = {
    "POST /heroes": Access(anonymous=201, stranger=201, send={"json": ROBIN}),
    "GET /heroes/{hero_id}": Access(anonymous=200, stranger=200),
}
