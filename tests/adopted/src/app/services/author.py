"""Authors, whose names are unique."""

from sqlalchemy.orm import Session

from app.core.exceptions import ConflictError
from app.models.book import Author
from app.schemas.book import AuthorIn


def list_authors(db: Session) -> list[Author]:
    """Return all authors."""
    return db.query(Author).order_by(Author.name).all()


def add_author(db: Session, data: AuthorIn) -> Author:
    """Add an author; raise `ConflictError` if the name is taken."""
    if db.query(Author).filter_by(name=data.name).first():
        raise ConflictError("There is such an author")
    author = Author(name=data.name)
    db.add(author)
    db.flush()
    db.refresh(author)
    return author
