"""Cars and owners, at their old paths."""

from httpx import AsyncClient


async def test_a_car_is_read_back(client: AsyncClient) -> None:
    car = {"plate": "B-AB 123", "fuel": "electricity", "owner": "Mara"}
    added = (await client.post("/cars", json=car)).json()

    assert (await client.get(f"/cars/{added['id']}")).json() == added
    assert (await client.get("/cars")).json() == [added]
    assert (await client.get("/cars/0")).status_code == 404
    assert (await client.get("/owners/0")).status_code == 404
