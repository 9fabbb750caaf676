"""Plants, at their old paths."""

from httpx import AsyncClient


async def test_a_plant_is_read_back(client: AsyncClient) -> None:
    fern = {"name": "Fern", "height": 30, "shelf": "A"}
    added = (await client.post("/plants", json=fern)).json()

    assert (await client.get(f"/plants/{added['id']}")).json() == added
    assert (await client.get("/plants/0")).status_code == 404
