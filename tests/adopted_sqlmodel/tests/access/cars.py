"""Access to cars and owners: every client may call every operation."""

from app.models.owner import Owner
from tests.access import Access, Given

CAR = {"plate": "B-AB 123", "owner": "Mara"}

ACCESS = {
    "GET /cars": Access(anonymous=200, stranger=200),
    "POST /cars": Access(anonymous=201, stranger=201, send={"json": CAR}),
    "GET /cars/{car_id}": Access(anonymous=200, stranger=200),
    "GET /owners/{owner_id}": Access(anonymous=200, stranger=200),
}


async def add_rows(given: Given) -> dict[str, object]:
    """Add an owner of cars."""
    owner = Owner(name="Ada")
    given.session.add(owner)
    await given.session.flush()
    return {"owner_id": owner.id}
