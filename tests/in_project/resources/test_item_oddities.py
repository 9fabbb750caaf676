"""Edge cases of items."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from app.core.db.ids import uuid7
from app.core.exceptions import NotFoundError
from app.models.item import Item
from app.schemas.item import ItemCreate
from app.services import item as item_service
from tests.clients import problem
from tests.databases import RolledBackDatabase

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3}


async def test_an_unknown_field_is_rejected_with_a_short_error(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-02, ERR-02"""
    created = await authenticated_client.post(URL, json=DATA)
    for name in ("\\ud800", "n" * 100_000):
        response = await authenticated_client.patch(
            created.headers["location"],
            content=f'{{"{name}": null}}',
            headers={"Content-Type": "application/json"},
        )

        assert response.status_code == 422
        assert len(response.content) < 1000
        problem(response)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t ",
        "\u200b",
        "\u2060\ufeff",
        "\u200d\ufe0f",
        "\u00a0\u3000",
        "\u3164",
        "\u115f\u1160\u2800\uffa0",
        "\u200b\u00a0\u2028\u2029\u20dd",
        "a\nb",
        "a\x7fb",
        "a\x9fb",
        "\x1b[1m",
    ],
)
async def test_invisible_text_and_control_characters_are_rejected(
    authenticated_client: AsyncClient, text: str
) -> None:
    """VAL-21"""
    name = await authenticated_client.post(URL, json=DATA | {"name": text})
    tag = await authenticated_client.post(URL, json=DATA | {"tags": [text]})

    assert [name.status_code, tag.status_code] == [422, 422]
    assert problem(name)["errors"][0]["loc"] == ["body", "name"]
    assert problem(tag)["errors"][0]["loc"] == ["body", "tags", "0"]


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f469\u200d\U0001f467",
        "\u2764\ufe0f",
        "\U0001d57f\U0001fae9",
        "\u200fجريس\u200f",
        "50 %_\\ off",
        "<script>alert(1)</script>",
        "' OR 1=1 --",
    ],
)
async def test_unusual_text_is_preserved(authenticated_client: AsyncClient, text: str) -> None:
    """VAL-03"""
    response = await authenticated_client.post(URL, json=DATA | {"name": text, "tags": [text]})

    assert response.status_code == 201
    item = (await authenticated_client.get(response.headers["location"])).json()
    assert (item["name"], item["tags"]) == (text, [text])


@pytest.mark.parametrize(
    "price", ["1_0", " 1 ", "1\n", "\uff11\uff12", "\u0663", "0x1", "1,5", True, [], {}]
)
async def test_a_price_that_is_not_a_plain_decimal_is_rejected(
    authenticated_client: AsyncClient, price: Any
) -> None:
    """VAL-12"""
    response = await authenticated_client.post(URL, json=DATA | {"price": price})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["loc"] == ["body", "price"]


@pytest.mark.parametrize(
    "limit", ["1_0", " 1", "+5", "1.0", "1e1", "\uff11\uff12", "true", "", "9" * 5000, str(2**63)]
)
async def test_a_malformed_or_excessive_limit_is_rejected(
    authenticated_client: AsyncClient, limit: str
) -> None:
    """VAL-05, VAL-12"""
    response = await authenticated_client.get(URL, params={"limit": limit})

    assert response.status_code == 422
    assert problem(response)["errors"][0]["loc"] == ["query", "limit"]


@pytest.mark.parametrize(
    "item_id",
    ["0", "-1", str(2**31), str(2**63), "9" * 40, "9" * 5000, "%00", "null"],
)
async def test_an_invalid_item_id_is_rejected(
    authenticated_client: AsyncClient, item_id: str
) -> None:
    """VAL-01, VAL-05"""
    for method in ("GET", "DELETE"):
        response = await authenticated_client.request(method, f"{URL}/{item_id}")

        assert response.status_code == 422
        assert problem(response)["errors"][0]["loc"] == ["path", "item_id"]


async def test_a_lone_surrogate_is_rejected_in_values_and_field_names(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-02"""
    whole = json.dumps(DATA)
    for broken in (whole.replace("Tea", "\\ud800"), whole.replace("name", "\\udfff")):
        response = await authenticated_client.post(
            URL, content=broken, headers={"Content-Type": "application/json"}
        )

        assert response.status_code == 422
        assert problem(response)["errors"]


def test_item_columns_fit_the_limits_of_the_schema() -> None:
    """VAL-04, VAL-05"""
    properties = ItemCreate.model_json_schema()["properties"]

    assert properties["name"]["maxLength"] == Item.name.type.length
    assert properties["tags"]["items"]["maxLength"] == Item.tags.type.item_type.length
    assert properties["quantity"]["maximum"] < 2**31


async def test_creating_an_item_for_a_missing_owner_raises_not_found(
    database: RolledBackDatabase,
) -> None:
    """CON-04"""
    with pytest.raises(NotFoundError):
        async with database.begin() as session:
            await item_service.create_item(session, uuid7(), ItemCreate.model_validate(DATA))
