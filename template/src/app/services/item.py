"""Items. Every query selects by owner, so users see only their own."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db.reads import Reads
from app.core.db.records import insert_record
from app.core.db.sqlstate import conflict_if_referenced, not_found_if_deleted
from app.core.exceptions import NotFoundError, ValidationError
from app.core.http.preconditions import Preconditions
from app.core.lists.cursors import Cursors, Page
from app.core.lists.filters import at_least, at_most, contains_all, contains_any, contains_text
from app.core.lists.orders import Order, Orders
from app.core.lists.query import KeysetQuery, RowDict, SearchText, keyset_page
from app.models.item import NAME_IGNORING_CASE, Item
from app.schemas.item import ItemCreate, ItemUpdate, PriceBound, SomeTags, check_stock_price
from app.services.accounts.authentication import Caller
from app.services.accounts.locks import find_for_update

# `Item.id` is never the first key, or PostgreSQL might scan the rows of all owners by id.
ORDERS = Orders(
    {
        "-created_at": Order(Item.created_at.desc(), Item.id.desc()),
        "created_at": Order(Item.created_at.asc(), Item.id.asc()),
        "name": Order(NAME_IGNORING_CASE.asc(), Item.id.asc()),
        "-name": Order(NAME_IGNORING_CASE.desc(), Item.id.desc()),
        "price": Order(Item.price.asc(), Item.id.asc()),
        "-price": Order(Item.price.desc(), Item.id.desc()),
    }
)
# Built once, because building a statement costs more than running it.
OWN_BY_ID = select(Item).where(
    Item.id == bindparam("item_id"), Item.owner_id == bindparam("owner_id")
)
OWNED_ITEMS = select(Item).where(Item.owner_id == bindparam("owner_id"))


class ItemQuery(KeysetQuery):
    """The parameters of a list of items: filters, order and page."""

    sort: Annotated[str, ORDERS] = "-created_at"
    q: Annotated[
        SearchText | None,
        contains_text(Item.name),
        Field(description="Only items with this text in `name`."),
    ] = None
    min_price: Annotated[PriceBound | None, at_least(Item.price)] = None
    max_price: Annotated[PriceBound | None, at_most(Item.price)] = None
    tag: Annotated[
        SomeTags | None,
        contains_all(Item.tags),
        Field(
            description="Only items with this tag. Repeat the parameter to match items with all of "
            "the tags."
        ),
    ] = None
    any_tag: Annotated[
        SomeTags | None,
        contains_any(Item.tags),
        Field(
            description="Only items with this tag. Repeat the parameter to match items with any of "
            "the tags."
        ),
    ] = None


async def create_item(session: AsyncSession, owner_id: UUID, data: ItemCreate) -> Item:
    """Add an item; raise `NotFoundError` if the owner was deleted during the request."""
    with not_found_if_deleted("User", owner_id):
        return await insert_record(session, Item(owner_id=owner_id, **data.model_dump()))


async def list_items(
    reads: Reads, cursors: Cursors, owner_id: UUID, query: ItemQuery
) -> Page[RowDict]:
    """Return a page of an owner's items; raise `ValidationError` for a cursor of another list."""
    return await keyset_page(reads, cursors, OWNED_ITEMS, query, owner_id=owner_id)


async def get_item(session: AsyncSession, owner_id: UUID, item_id: UUID) -> Item:
    """Return an item; raise `NotFoundError` if the owner has no item with this id."""
    parameters = {"item_id": item_id, "owner_id": owner_id}
    return _found(item_id, (await session.scalars(OWN_BY_ID, parameters)).one_or_none())


async def update_item(
    session: AsyncSession,
    caller: Caller,
    item_id: UUID,
    data: ItemUpdate,
    preconditions: Preconditions,
) -> Item:
    """Change an item.

    Raise `NotFoundError` if the caller has no item with this id, `PreconditionFailedError` if a
    precondition fails, and `ValidationError` if the price is too low for an item in stock.
    """
    item = await _lock_item(session, caller, item_id, preconditions)
    for field, value in data.changes().items():
        setattr(item, field, value)
    try:
        check_stock_price(item.price, item.quantity)
    except ValueError as error:
        raise ValidationError(str(error), "body") from error
    await session.flush()
    return item


async def delete_item(
    session: AsyncSession, caller: Caller, item_id: UUID, preconditions: Preconditions
) -> None:
    """Delete an item.

    Raise `NotFoundError` if the caller has no item with this id, `PreconditionFailedError` if a
    precondition fails, and `ConflictError` if other resources refer to it.
    """
    await session.delete(await _lock_item(session, caller, item_id, preconditions))
    with conflict_if_referenced("Other resources refer to this item. Delete them first."):
        await session.flush()


async def _lock_item(
    session: AsyncSession, caller: Caller, item_id: UUID, preconditions: Preconditions
) -> Item:
    """Return a locked item, after checking the preconditions."""
    parameters = {"item_id": item_id, "owner_id": caller.id}
    item = _found(item_id, await find_for_update(session, caller, OWN_BY_ID, parameters))
    preconditions.check(item.version)
    return item


def _found(item_id: UUID, item: Item | None) -> Item:
    if item is None:
        raise NotFoundError("Item", item_id)
    return item
