"""The number of SQL statements that each operation executes."""

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.databases import counted_statements

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3}
SEEN = {"If-Match": '"1"'}
KEY = {"Idempotency-Key": "a1b2c3"}


def own(statements: list[str]) -> int:
    """Count the statements of an operation, except those of authentication and of savepoints."""
    return len([each for each in statements if "SAVEPOINT" not in each]) - 1


@pytest.mark.parametrize(
    ("method", "sent", "headers", "statements"),
    [
        ("GET", None, {}, 1),
        ("GET", None, {"If-None-Match": '"1"'}, 1),
        ("PATCH", {"quantity": 4}, SEEN, 2),
        ("PATCH", {"quantity": 4}, {}, 2),
        ("DELETE", None, SEEN, 2),
    ],
)
async def test_item_operations_execute_the_expected_number_of_statements(
    authenticated_client: AsyncClient,
    engine: AsyncEngine,
    method: str,
    sent: dict[str, int] | None,
    headers: dict[str, str],
    statements: int,
) -> None:
    url = (await authenticated_client.post(URL, json=DATA)).headers["location"]

    with counted_statements(engine) as counted:
        response = await authenticated_client.request(method, url, json=sent, headers=headers)

    assert response.status_code in {200, 204, 304}
    assert own(counted) == statements


async def test_an_idempotency_key_adds_three_statements_and_a_replay_executes_two(
    authenticated_client: AsyncClient, engine: AsyncEngine
) -> None:
    counts = []
    for headers in ({}, KEY, KEY):
        with counted_statements(engine) as counted:
            await authenticated_client.post(URL, json=DATA, headers=headers)
        counts.append(own(counted))

    assert counts == [1, 4, 2]
