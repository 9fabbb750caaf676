"""Values of items: prices, names and tags, and what is wrong with others."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from tests.clients import problem

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3, "tags": ["green", "loose"]}
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
