from decimal import Decimal

from pydantic import BaseModel, ConfigDict, computed_field
from slugify import slugify


class AuthorIn(BaseModel):
    name: str


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str


class BookIn(BaseModel):
    title: str
    price: Decimal
    author: str


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    price: Decimal
    author: AuthorOut

    @computed_field
    @property
    def slug(self) -> str:
        return slugify(self.title)
