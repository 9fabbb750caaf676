"""Authors, at the paths that they had before version 1."""

from app.api.deps import DbSession
from app.api.routing import APIRouter
from app.models.book import Author
from app.schemas.book import AuthorIn, AuthorOut
from app.services import author as author_service

router = APIRouter(prefix="/authors", tags=["authors"])


@router.get("", response_model=list[AuthorOut])
async def list_authors(session: DbSession) -> list[Author]:
    """List all authors."""
    return await session.run_sync(author_service.list_authors)


@router.post("", response_model=AuthorOut, status_code=201)
async def add_author(data: AuthorIn, session: DbSession) -> Author:
    """Add an author."""
    return await session.run_sync(author_service.add_author, data)
