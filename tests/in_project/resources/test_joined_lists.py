"""Lists whose rows have columns of a related table."""

from collections.abc import AsyncGenerator
from typing import Annotated

import pytest
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core.lists.cursors import Cursors
from app.core.lists.filters import equals
from app.core.lists.orders import Order, Orders
from app.core.lists.query import KeysetQuery, RowDict, keyset_page
from tests.databases import RolledBackDatabase, counted_statements

CURSORS = Cursors(["a key"])


class Apart(DeclarativeBase):
    """The base class of tables that only these tests have."""


class Shop(Apart):
    __tablename__ = "shops"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Sale(Apart):
    __tablename__ = "sales"

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shops.id"))


SALES = select(Sale, Shop.name.label("shop_name")).outerjoin(Shop, Shop.id == Sale.shop_id)


class SaleQuery(KeysetQuery):
    sort: Annotated[str, Orders({"id": Order(Sale.id.asc())})] = "id"
    shop_name: Annotated[str | None, equals(Shop.name)] = None


@pytest.fixture
async def session(database: RolledBackDatabase) -> AsyncGenerator[AsyncSession]:
    """The session of a transaction in which two shops and three sales exist."""
    async with database.begin() as session:
        await session.run_sync(lambda sync: Apart.metadata.create_all(sync.connection()))
        session.add_all([Shop(id=7, name="North"), Shop(id=8, name="South")])
        await session.flush()
        session.add_all([Sale(id=1, shop_id=7), Sale(id=2, shop_id=None), Sale(id=3, shop_id=8)])
        await session.flush()
        yield session


async def test_a_page_of_a_joined_list_takes_one_query_for_both_tables(
    session: AsyncSession, engine: AsyncEngine
) -> None:
    rows: list[RowDict] = []
    cursor: str | None = None
    with counted_statements(engine) as statements:
        for _ in range(3):
            query = SaleQuery(limit=1, cursor=cursor)
            page = await keyset_page(session, CURSORS, SALES, query)
            rows += page.items
            cursor = page.next_cursor

    assert [(row["id"], row["shop_id"], row["shop_name"]) for row in rows] == [
        *((1, 7, "North"), (2, None, None), (3, 8, "South"))
    ]
    assert cursor is None
    assert len(statements) == 3


async def test_a_list_can_be_filtered_by_a_column_of_a_related_table(session: AsyncSession) -> None:
    page = await keyset_page(session, CURSORS, SALES, SaleQuery(shop_name="South"))

    assert [row["id"] for row in page.items] == [3]
