"""Request and response schemas of items."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.field_types import DISTINCT, to_places
from app.core.validation import PLAIN_DECIMAL, InputSchema, Line, NotNullPatchSchema, OutputSchema

LEAST_PRICE = Decimal("0.01")

Name = Annotated[Line, Field(max_length=100, examples=["Name"])]
Price = Annotated[
    Decimal,
    Field(strict=False, gt=0, max_digits=12, decimal_places=4, examples=["19.99"]),
    PLAIN_DECIMAL,
    to_places(4),
]
PriceBound = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=4, examples=["19.99"]),
    PLAIN_DECIMAL,
    to_places(4),
]
Quantity = Annotated[int, Field(ge=0, le=10_000, examples=[3])]
Tag = Annotated[Line, Field(max_length=50, examples=["Tag"])]
Tags = Annotated[list[Tag], Field(max_length=10, json_schema_extra={"uniqueItems": True}), DISTINCT]
SomeTags = Annotated[list[Tag], Field(min_length=1, max_length=10)]


def check_stock_price(price: Decimal, quantity: int) -> None:
    """Raise `ValueError` if an item in stock costs less than `LEAST_PRICE`."""
    if quantity > 0 and price < LEAST_PRICE:
        raise ValueError(f"the price of an item in stock must be {LEAST_PRICE} or more")


class ItemCreate(InputSchema):
    """A new item."""

    name: Name
    price: Price
    quantity: Quantity
    tags: Tags = Field(default_factory=list)

    @model_validator(mode="after")
    def check_price_and_quantity(self) -> Self:
        """Reject a price that is too low for an item in stock."""
        check_stock_price(self.price, self.quantity)
        return self


class ItemUpdate(NotNullPatchSchema):
    """The fields of an item to change."""

    name: Name | None = None
    price: Price | None = None
    quantity: Quantity | None = None
    tags: Tags | None = None


class ItemResponse(OutputSchema):
    """An item, as shown to its owner."""

    id: UUID
    name: str
    price: Decimal
    quantity: int
    tags: list[str]
    created_at: datetime
    updated_at: datetime
    version: int = Field(
        description="Increases with every change. The `ETag` is this number in double quotes."
    )


class ItemPage(OutputSchema):
    """A page of items, and the cursor of the next page."""

    items: list[ItemResponse]
    next_cursor: str | None
