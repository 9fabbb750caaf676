"""Items: every one is read and changed as its owner's, so a stranger's does not exist."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.exceptions import NotFoundError, ValidationError
from app.core.pagination import Cursors, Page
from app.core.preconditions import Preconditions
from app.core.sqlstate import FOREIGN_KEY_VIOLATION, sqlstate
from app.models.item import Item
from app.schemas.item import ItemCreate, ItemUpdate, check_stock_price

# Built once: building a statement costs more than running it. Ids sort by time (UUIDv7).
OWN_BY_ID = select(Item).where(
    Item.id == bindparam("item_id"), Item.owner_id == bindparam("owner_id")
)
OWN_FOR_UPDATE = OWN_BY_ID.with_for_update()
OWN = select(Item).where(Item.owner_id == bindparam("owner_id"))
FIRST_PAGE = OWN.order_by(Item.id.desc()).limit(bindparam("rows"))
NEXT_PAGE = OWN.where(Item.id < bindparam("last")).order_by(Item.id.desc()).limit(bindparam("rows"))


async def create_item(session: AsyncSession, owner_id: UUID, data: ItemCreate) -> Item:
    """Add an item; raise `NotFoundError` if the owner is deleted meanwhile."""
    item = Item(owner_id=owner_id, **data.model_dump())
    session.add(item)
    try:
        await session.flush()
    except IntegrityError as error:
        if sqlstate(error) != FOREIGN_KEY_VIOLATION:
            raise
        raise NotFoundError("User", owner_id) from error
    return item


async def list_items(
    session: AsyncSession, cursors: Cursors, owner_id: UUID, limit: int, cursor: str | None
) -> Page[Item]:
    """Return a page of one owner's items, newest first; `ValidationError` for a bad cursor."""
    parameters = {"owner_id": owner_id, "rows": limit + 1}
    if cursor is not None:
        parameters["last"] = cursors.decode(cursor, "items", owner_id)
    statement = FIRST_PAGE if cursor is None else NEXT_PAGE
    items = (await session.scalars(statement, parameters)).all()
    has_more = len(items) > limit
    next_cursor = cursors.encode(items[limit - 1].id, "items", owner_id) if has_more else None
    return Page(items[:limit], next_cursor)


async def get_item(session: AsyncSession, owner_id: UUID, item_id: UUID) -> Item:
    """Return an item; raise `NotFoundError` if the owner has none with this id."""
    parameters = {"item_id": item_id, "owner_id": owner_id}
    return _found(item_id, (await session.scalars(OWN_BY_ID, parameters)).one_or_none())


async def update_item(
    session: AsyncSession,
    owner_id: UUID,
    item_id: UUID,
    data: ItemUpdate,
    preconditions: Preconditions,
) -> Item:
    """Change an item.

    Raise `NotFoundError`, `PreconditionFailedError`, or `ValidationError` where price and stock
    clash.
    """
    item = await _lock_item(session, owner_id, item_id, preconditions)
    for field, value in data.changes().items():
        setattr(item, field, value)
    try:
        check_stock_price(item.price, item.quantity)
    except ValueError as error:
        raise ValidationError(str(error), "body") from error
    await session.flush()
    return item


async def delete_item(
    session: AsyncSession, owner_id: UUID, item_id: UUID, preconditions: Preconditions
) -> None:
    """Remove an item; raise `NotFoundError` or `PreconditionFailedError`."""
    await session.delete(await _lock_item(session, owner_id, item_id, preconditions))
    await session.flush()


async def _lock_item(
    session: AsyncSession, owner_id: UUID, item_id: UUID, preconditions: Preconditions
) -> Item:
    """Return an item that nobody else changes meanwhile, in a version that the caller wants."""
    parameters = {"item_id": item_id, "owner_id": owner_id}
    item = _found(item_id, (await session.scalars(OWN_FOR_UPDATE, parameters)).one_or_none())
    preconditions.check(item.version)
    return item


def _found(item_id: UUID, item: Item | None) -> Item:
    if item is None:
        raise NotFoundError("Item", item_id)
    return item
