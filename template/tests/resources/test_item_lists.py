"""Lists of items: orders, filters, pages and invalid queries."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.access.items import add_item
from tests.clients import refused_parameter
from tests.databases import RolledBackDatabase

URL = "/api/v1/items"
# The values of rows, by column.
COLUMNS: dict[str, list[Any]] = {
    "name": ["Name 1", "NAME 0", "Name 1", "NAME 2", "Name 0"],
    "price": [Decimal(f"{n}.0000") for n in (1, 3, 2, 1, 2)],
    "tags": [["Tag 0", "Tag 1"], ["Tag 0"], [], ["Tag 1"], ["Tag 0"]],
    "created_at": [datetime(2026, 1, n, tzinfo=UTC) for n in (2, 3, 1, 2, 1)],
}
ROWS = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
# A query, and the numbers of the rows that it finds, in order.
LISTS: dict[str, list[int]] = {
    "": [1, 3, 0, 4, 2],
    "sort=-created_at": [1, 3, 0, 4, 2],
    "sort=created_at": [2, 4, 0, 3, 1],
    "sort=name": [1, 4, 0, 2, 3],
    "sort=-name": [3, 2, 0, 4, 1],
    "sort=price": [0, 3, 2, 4, 1],
    "sort=-price": [1, 4, 2, 3, 0],
    "q=AME%201": [0, 2],
    "q=%25": [],
    "q=_": [],
    "min_price=2.0000": [1, 4, 2],
    "max_price=1.0000": [3, 0],
    "tag=Tag%200": [1, 0, 4],
    "tag=Tag%200&tag=Tag%201": [0],
    "any_tag=Tag%201&any_tag=Tag%200": [1, 3, 0, 4],
    "q=AME%201&min_price=2.0000": [2],
}
# Invalid queries, each with the name of the rejected parameter before the equals sign.
REFUSED = [
    *("limit=0", "limit=101", "sort=", "sort=owner_id", "cursor=x", "owner_id=1"),
    *("unknown=1", "q=", "min_price=", "max_price=", "tag=", "any_tag="),
]


@pytest.fixture
async def ids(database: RolledBackDatabase, user: User) -> list[str]:
    """The ids of `ROWS`, in the same order."""
    async with database.begin() as session:
        return [str((await add_item(session, user, **row)).id) for row in ROWS]


async def found(client: AsyncClient, query: str) -> list[str]:
    """Return the ids that a query finds, read in pages of one."""
    ids, url = list[str](), f"{URL}?limit=1&{query}"
    while url:
        response = await client.get(url)
        assert response.status_code == 200, response.text
        page = response.json()
        shown = [each["id"] for each in page["items"]]
        # Only the first page may be empty, and no page shows a row again.
        assert len(shown) == 1 or not shown + ids
        assert not {*shown} & {*ids}
        ids += shown
        url = response.links.get("next", {}).get("url", "")
        assert bool(page["next_cursor"]) == bool(url)
    return ids


async def test_items_can_be_sorted_and_filtered_across_pages(
    authenticated_client: AsyncClient, ids: list[str]
) -> None:
    for query, numbers in LISTS.items():
        expected = [ids[number] for number in numbers]
        seen = await found(authenticated_client, query)
        assert seen == expected, query


async def test_invalid_parameters_of_lists_of_items_are_rejected(
    authenticated_client: AsyncClient,
) -> None:
    for query in REFUSED:
        response = await authenticated_client.get(f"{URL}?{query}")
        assert refused_parameter(response) == query.partition("=")[0]


async def test_a_cursor_of_items_is_valid_only_for_its_order_and_filters(
    authenticated_client: AsyncClient, stranger_client: AsyncClient, ids: list[str]
) -> None:
    cursor = (await authenticated_client.get(f"{URL}?limit=1")).json()["next_cursor"]

    for query in {*LISTS} - {"", "sort=-created_at"}:
        response = await authenticated_client.get(f"{URL}?limit=1&cursor={cursor}&{query}")
        assert refused_parameter(response) == "cursor", query
    response = await stranger_client.get(f"{URL}?limit=1&cursor={cursor}")
    assert refused_parameter(response) == "cursor"
    assert (await authenticated_client.get(f"{URL}?limit=1&cursor={cursor}")).status_code == 200


async def test_lists_of_items_contain_only_rows_of_the_caller(
    stranger_client: AsyncClient, database: RolledBackDatabase, stranger: User, ids: list[str]
) -> None:
    async with database.begin() as session:
        own = [str((await add_item(session, stranger)).id) for _ in range(2)]

    assert {*await found(stranger_client, "")} == {*own}
    for query in LISTS:
        assert {*await found(stranger_client, query)} <= {*own}, query


async def test_lists_show_items_as_single_reads_do(
    authenticated_client: AsyncClient, ids: list[str]
) -> None:
    for each in (await authenticated_client.get(URL)).json()["items"]:
        assert each == (await authenticated_client.get(f"{URL}/{each['id']}")).json()
