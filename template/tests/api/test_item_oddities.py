"""What happens to items in rare cases."""

import pytest
from httpx import AsyncClient

from app.core.exceptions import NotFoundError
from app.core.ids import uuid7
from app.schemas.item import ItemCreate
from app.services import item as item_service
from tests.clients import problem
from tests.databases import RolledBackDatabase

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3}


async def test_an_unknown_name_with_no_value_is_refused_at_reasonable_length(
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


async def test_an_owner_who_is_deleted_meanwhile_owns_nothing_more(
    database: RolledBackDatabase,
) -> None:
    """CON-04"""
    with pytest.raises(NotFoundError):
        async with database.begin() as session:
            await item_service.create_item(session, uuid7(), ItemCreate.model_validate(DATA))
