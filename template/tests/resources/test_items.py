"""The example resource."""

import json
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from tests.clients import problem

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3, "tags": ["green", "loose"]}


async def test_a_created_item_is_found_at_its_location(
    authenticated_client: AsyncClient,
) -> None:
    """HTT-08"""
    response = await authenticated_client.post(URL, json=DATA)

    assert response.status_code == 201
    item = response.json()
    assert UUID(item["id"]).version == 7
    assert response.headers["location"] == f"{URL}/{item['id']}"
    assert (await authenticated_client.get(response.headers["location"])).json() == item
    assert item.pop("created_at") == item.pop("updated_at")
    assert item == DATA | {"id": item["id"], "price": "19.9900", "version": 1}


@pytest.mark.parametrize(
    ("sent", "price"),
    [
        ("0.01", "0.0100"),
        ("19.9999", "19.9999"),
        ("99999999.9999", "99999999.9999"),
        ("1e3", "1000.0000"),
        (19.99, "19.9900"),
        (20, "20.0000"),
    ],
)
async def test_a_price_sent_as_a_string_or_number_is_returned_exactly(
    authenticated_client: AsyncClient, sent: str | float, price: str
) -> None:
    response = await authenticated_client.post(URL, json=DATA | {"price": sent})

    assert response.status_code == 201
    assert response.json()["price"] == price


MISFITS: dict[str, tuple[str, Any]] = {
    "empty name": ("name", ""),
    "blank name": ("name", " \t\n "),
    "long name": ("name", "n" * 101),
    "name with NUL": ("name", "a\x00b"),
    "name with a lone surrogate": ("name", "\ud800"),
    "number for a name": ("name", 1),
    "no name": ("name", None),
    "price of zero": ("price", "0"),
    "negative price": ("price", "-1"),
    "price with too many decimals": ("price", "0.00001"),
    "price with too many digits": ("price", "123456789.0001"),
    "price that is not a number": ("price", "NaN"),
    "infinite price": ("price", "Infinity"),
    "price of a million digits": ("price", "9" * 1_000_000),
    "price with a huge exponent": ("price", "1e999999999"),
    "no price": ("price", None),
    "list for a price": ("price", [1]),
    "negative quantity": ("quantity", -1),
    "large quantity": ("quantity", 10_001),
    "quantity beyond 64 bits": ("quantity", 2**63),
    "text for a quantity": ("quantity", "3"),
    "fraction for a quantity": ("quantity", 3.5),
    "boolean for a quantity": ("quantity", True),
    "no tags": ("tags", None),
    "text for tags": ("tags", "green"),
    "tag twice": ("tags", ["green", " green "]),
    "many tags": ("tags", [str(number) for number in range(11)]),
    "an owner": ("owner_id", "019b0000-0000-7000-8000-000000000000"),
    "an id": ("id", "019b0000-0000-7000-8000-000000000000"),
    "a time": ("created_at", "2020-01-01T00:00:00Z"),
    "a version": ("version", 1),
}


async def test_invalid_item_fields_are_named_in_the_errors_and_have_no_effect(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-01, VAL-02, VAL-04, VAL-05, VAL-06, VAL-12, VAL-21, AUZ-07, AUZ-09"""
    headers = {"Content-Type": "application/json"}
    item = (await authenticated_client.post(URL, json=DATA)).json()
    for misfit, (member, value) in MISFITS.items():
        for method, url, rest in (("POST", URL, DATA), ("PATCH", f"{URL}/{item['id']}", {})):
            response = await authenticated_client.request(
                method, url, content=json.dumps(rest | {member: value}), headers=headers
            )

            assert response.status_code == 422, (method, misfit)
            assert member in str(problem(response)["errors"]), (method, misfit)
    assert (await authenticated_client.get(URL)).json()["items"] == [item]


@pytest.mark.parametrize("tag", ["", " ", "t" * 51, "a\x00b", 1, None])
async def test_an_invalid_tag_is_rejected(authenticated_client: AsyncClient, tag: Any) -> None:
    response = await authenticated_client.post(URL, json=DATA | {"tags": ["green", tag]})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["loc"] == ["body", "tags", "1"]


@pytest.mark.parametrize(
    "name",
    [
        "n" * 100,
        "\U0001f469\u200d\U0001f467 \U0001d57f شاي",
        "<b>%_\\</b>",
        "'; DROP TABLE items; --",
    ],
)
async def test_only_leading_and_trailing_spaces_of_an_items_name_are_removed(
    authenticated_client: AsyncClient, name: str
) -> None:
    """VAL-03, VAL-04"""
    response = await authenticated_client.post(URL, json=DATA | {"name": f" {name} "})

    assert response.status_code == 201
    assert response.json()["name"] == name


async def test_a_patch_changes_only_the_given_fields(
    authenticated_client: AsyncClient,
) -> None:
    item = (await authenticated_client.post(URL, json=DATA)).json()
    change = {"name": "Coffee", "tags": []}

    response = await authenticated_client.patch(f"{URL}/{item['id']}", json=change)

    assert response.status_code == 200
    anew = {"updated_at": response.json()["updated_at"], "version": 2}
    assert response.json() == item | change | anew
    assert (await authenticated_client.get(f"{URL}/{item['id']}")).json() == response.json()


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


async def test_a_deleted_item_returns_404_and_is_not_listed(
    authenticated_client: AsyncClient,
) -> None:
    """HTT-09"""
    item, other = [(await authenticated_client.post(URL, json=DATA)).json() for _ in range(2)]
    url = f"{URL}/{item['id']}"

    response = await authenticated_client.delete(url)

    assert response.status_code == 204
    assert response.content == b""
    for method in ("DELETE", "GET", "PATCH"):
        again = await authenticated_client.request(method, url, json={})
        assert again.status_code == 404
        assert problem(again)["detail"] == f"Item with id {item['id']} not found"
    assert (await authenticated_client.get(URL)).json()["items"] == [other]


@pytest.mark.parametrize(
    "item_id", ["0", "9" * 5000, "%00", "%FF", "019b0000-0000-7000-8000-00000000000", "'--"]
)
async def test_an_invalid_item_id_returns_422(
    authenticated_client: AsyncClient, item_id: str
) -> None:
    """VAL-01, VAL-05"""
    for method in ("GET", "PATCH", "DELETE"):
        response = await authenticated_client.request(method, f"{URL}/{item_id}", json={})

        assert response.status_code == 422
        assert problem(response)["errors"][0]["loc"] == ["path", "item_id"]
