"""The price of an item in stock has a minimum."""

from httpx import AsyncClient

from tests.access.items import DATA
from tests.clients import problem

URL = "/api/v1/items"


async def test_an_item_in_stock_must_cost_at_least_one_cent(
    authenticated_client: AsyncClient,
) -> None:
    cheap, dear = {"price": "0.0099", "quantity": 0}, {"price": "0.01", "quantity": 1}
    items = [
        (await authenticated_client.post(URL, json=DATA | data)).json() for data in (cheap, dear)
    ]
    urls = [f"{URL}/{item['id']}" for item in items]

    responses = [
        await authenticated_client.post(URL, json=DATA | cheap | {"quantity": 1}),
        await authenticated_client.patch(urls[0], json={"quantity": 1}),
        await authenticated_client.patch(urls[1], json={"price": "0.0099"}),
    ]

    assert [response.status_code for response in responses] == [422, 422, 422]
    for response in responses:
        [error] = problem(response)["errors"]
        assert error["loc"] == ["body"]
        assert error["message"] == "the price of an item in stock must be 0.01 or more"
    assert [(await authenticated_client.get(url)).json() for url in urls] == items
