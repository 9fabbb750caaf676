"""Schemas of partial updates."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from app.core.validation import NotNullPatchSchema, Nullable

Price = Annotated[Decimal, Field(gt=0)]


class Change(NotNullPatchSchema):
    """A change of fields of which two may be null."""

    name: str | None = None
    day: Nullable[date] = None
    price: Nullable[Price] = None


@pytest.mark.parametrize(
    ("sent", "changes"),
    [
        ({}, {}),
        ({"name": "Tea"}, {"name": "Tea"}),
        ({"day": None, "price": None}, {"day": None, "price": None}),
        ({"day": "2026-05-31", "price": "1"}, {"day": date(2026, 5, 31), "price": Decimal(1)}),
    ],
)
def test_a_field_that_is_nullable_can_be_null(
    sent: dict[str, object], changes: dict[str, object]
) -> None:
    assert Change.model_validate(sent).changes() == changes


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"name": None}, "name may be omitted, but must not be null"),
        ({"day": "soon"}, "must be a date"),
        ({"price": "0"}, "greater than 0"),
    ],
)
def test_other_fields_and_invalid_values_are_refused(sent: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Change.model_validate(sent)


def test_the_description_allows_null_only_where_the_service_does() -> None:
    properties = Change.model_json_schema()["properties"]

    assert properties["name"] == {"type": "string", "title": "Name", "default": None}
    assert {"type": "null"} in properties["day"]["anyOf"]
    assert {"type": "null"} in properties["price"]["anyOf"]
