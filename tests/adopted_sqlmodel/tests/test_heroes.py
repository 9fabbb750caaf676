"""Heroes, at their old paths."""

from httpx import AsyncClient


async def test_a_hero_is_read_back(client: AsyncClient) -> None:
    robin = {"name": "Robin", "age": 19, "team": "Titans"}
    added = (await client.post("/heroes", json=robin)).json()

    assert (await client.get(f"/heroes/{added['id']}")).json() == added
    assert (await client.get("/heroes/0")).status_code == 404
