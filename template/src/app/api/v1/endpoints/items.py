"""Items. Users see only their own items."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from app.api.deps import (
    CurrentUser,
    CursorsDep,
    DbReads,
    DbSession,
    LinkNext,
    PreconditionsDep,
    accept_idempotency_key,
)
from app.api.responses import CREATED_ONCE, PAGED, VERSIONED, VERSIONED_READ
from app.api.routing import APIRouter
from app.core.http.preconditions import entity_tag
from app.core.lists.cursors import Page
from app.core.lists.query import RowDict
from app.models.item import Item
from app.schemas.item import ItemCreate, ItemPage, ItemResponse, ItemUpdate
from app.services import item as item_service
from app.services.item import ItemQuery

router = APIRouter(prefix="/items", tags=["items"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=ItemResponse,
    responses=CREATED_ONCE
    | {HTTPStatus.NOT_FOUND: {"description": "The account was deleted during the request."}},
    dependencies=[Depends(accept_idempotency_key)],
)
async def create_item(
    data: ItemCreate, response: Response, current_user: CurrentUser, session: DbSession
) -> Item:
    """Create an item."""
    item = await item_service.create_item(session, current_user.id, data)
    response.headers["Location"] = f"/api/v1/items/{item.id}"
    response.headers["ETag"] = entity_tag(item.version)
    return item


@router.get("", response_model=ItemPage, responses=PAGED)
async def list_items(
    query: Annotated[ItemQuery, Query()],
    current_user: CurrentUser,
    reads: DbReads,
    cursors: CursorsDep,
    link_next: LinkNext,
) -> Page[RowDict]:
    """List the caller's items, by default the newest first.

    The `Link` header with `rel="next"` contains the path of the next page.
    """
    page = await item_service.list_items(reads, cursors, current_user.id, query)
    link_next(page.next_cursor)
    return page


@router.get("/{item_id}", response_model=ItemResponse, responses=VERSIONED_READ)
async def read_item(
    item_id: UUID,
    response: Response,
    current_user: CurrentUser,
    session: DbSession,
    preconditions: PreconditionsDep,
) -> Item:
    """Read an item."""
    item = await item_service.get_item(session, current_user.id, item_id)
    preconditions.check(item.version)
    response.headers["ETag"] = entity_tag(item.version)
    return item


@router.patch("/{item_id}", response_model=ItemResponse, responses=VERSIONED)
async def update_item(
    item_id: UUID,
    data: ItemUpdate,
    response: Response,
    current_user: CurrentUser,
    session: DbSession,
    preconditions: PreconditionsDep,
) -> Item:
    """Change an item."""
    item = await item_service.update_item(session, current_user, item_id, data, preconditions)
    response.headers["ETag"] = entity_tag(item.version)
    return item


@router.delete(
    "/{item_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses={HTTPStatus.CONFLICT: {"description": "Other resources refer to the item."}},
)
async def delete_item(
    item_id: UUID, current_user: CurrentUser, session: DbSession, preconditions: PreconditionsDep
) -> None:
    """Delete an item."""
    await item_service.delete_item(session, current_user, item_id, preconditions)
