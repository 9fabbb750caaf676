"""Sort orders and filters of item lists, and invalid queries."""

from httpx import AsyncClient

from tests.clients import problem, refused_parameter

URL = "/api/v1/items"
ITEMS = [
    {"name": "tea 50%", "price": "2", "quantity": 1, "tags": ["drink", "hot"]},
    {"name": "Ale_1", "price": "10", "quantity": 1, "tags": ["drink"]},
    {"name": "Bread", "price": "2", "quantity": 1, "tags": []},
]

# A query, and the first letters of the items that it finds.
LISTS = {
    "": "BAt",
    "sort=-created_at": "BAt",
    "sort=created_at": "tAB",
    "sort=name": "ABt",
    "sort=-name": "tBA",
    "sort=price": "tBA",
    "sort=-price": "ABt",
    "q=e": "BAt",
    "q=TEA": "t",
    "q=%25": "t",
    "q=_": "A",
    "q=%5C": "",
    "q=%27%20OR%201=1--": "",
    "min_price=2.0001": "A",
    "max_price=2&sort=name": "Bt",
    "min_price=2&max_price=10": "BAt",
    "min_price=0&max_price=0": "",
    "tag=drink": "At",
    "tag=drink&tag=hot": "t",
    "any_tag=hot&any_tag=drink": "At",
    "any_tag=cold&any_tag=hot": "t",
    "tag=drink&any_tag=hot&q=tea&min_price=1": "t",
    "tag=%25": "",
}
# A query, and the rejected parameter.
REFUSED = [
    ("sort=owner_id", "sort"),
    ("sort=", "sort"),
    ("sort=name,price", "sort"),
    ("q=", "q"),
    ("q=%00", "q"),
    ("q=" + "x" * 101, "q"),
    ("min_price=cheap", "min_price"),
    ("max_price=1_0", "max_price"),
    ("max_price=NaN", "max_price"),
    ("min_price=-1", "min_price"),
    ("min_price=1e99", "min_price"),
    ("tag=", "tag"),
    ("any_tag=" + "x" * 51, "any_tag"),
    ("&".join(f"tag={number}" for number in range(11)), "tag"),
    ("offset=1", "offset"),
    ("name=Tea", "name"),
    ("limit=1&limit=0", "limit"),
]


async def found(client: AsyncClient, query: str) -> str:
    """Return the first letters of the items that a query finds, read in pages of two."""
    letters, url = "", f"{URL}?limit=2&{query}"
    while url:
        response = await client.get(url)
        assert response.status_code == 200, response.text
        letters += "".join(item["name"][0] for item in response.json()["items"])
        url = response.links.get("next", {}).get("url", "")
    return letters


async def test_items_can_be_sorted_and_filtered_across_pages(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-13, VAL-14, VAL-19, HTT-13. The link to the next page keeps the order and filters."""
    for item in ITEMS:
        assert (await authenticated_client.post(URL, json=item)).status_code == 201

    for query, expected in LISTS.items():
        assert await found(authenticated_client, query) == expected, query


async def test_invalid_item_list_parameters_are_named_in_the_error(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-05, VAL-14, VAL-16"""
    for query, name in REFUSED:
        response = await authenticated_client.get(f"{URL}?{query}")

        assert refused_parameter(response) == name, query


async def test_the_error_for_an_invalid_query_lists_the_allowed_parameters_or_values(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-14, VAL-18"""
    for query, allowed in {
        "sort=id": "'-created_at', 'created_at', 'name', '-name', 'price' or '-price'",
        "colour=red": "limit, sort, cursor, q, min_price, max_price, tag, any_tag",
        "&".join(f"p{number}=1" for number in range(3000)): "limit, sort, cursor",
    }.items():
        response = await authenticated_client.get(f"{URL}?{query}")

        assert response.status_code == 422
        assert allowed in problem(response)["errors"][0]["message"]
        assert len(response.content) < 1000
