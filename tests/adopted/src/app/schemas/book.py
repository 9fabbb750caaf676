"""Books and authors in requests and responses."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, computed_field
from slugify import slugify


class AuthorIn(BaseModel):
    """A new author."""

    name: str


class AuthorOut(BaseModel):
    """An author."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str


class BookIn(BaseModel):
    """A new book."""

    title: str
    price: Decimal
    author: str


class BookOut(BaseModel):
    """A book, with its author."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    price: Decimal
    author: AuthorOut

    @computed_field  # type: ignore[prop-decorator] # as pydantic documents it
    @property
    def slug(self) -> str:
        """The title as a part of a URL."""
        return slugify(self.title)
