"""Base classes and types for all schemas."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema

from app.core.json.models import read_json_types

# PostgreSQL's text cannot contain NUL, so NUL is rejected here, before it causes a database error.
NO_NUL = r"^[^\x00]*$"
MAX_MEMBERS = 100
NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]*$"
# Unicode categories of characters that are invisible on their own: controls, formats, combining
# marks and separators.
INVISIBLE = {"Cc", "Cf", "Me", "Mn", "Zl", "Zp", "Zs"}
# Letters and symbols whose glyph is blank.
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")
INTEGER = re.compile(r"-?[0-9]+")
DECIMAL = re.compile(r"[-+.0-9Ee]+")

T = TypeVar("T")


def _validate_visible(text: str) -> str:
    # Check each distinct character once: the text may be very long, as its length is checked later.
    if all(unicodedata.category(sign) in INVISIBLE or sign in BLANK for sign in set(text)):
        raise ValueError("must have a visible character")
    return text


def _plain_number(pattern: re.Pattern[str]) -> BeforeValidator:
    """Return a validator that rejects texts that only Python reads as numbers, such as `1_0`."""

    def check(value: object) -> object:
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise ValueError("must be a number in plain digits")
        return value

    return BeforeValidator(check)


# One line of text with a visible character. Each field adds a maximum length, and an example.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, pattern=NO_CONTROLS),
    Field(examples=["text"]),
    AfterValidator(_validate_visible),
]
# For numbers as text: integers in queries, and decimals, which may also be JSON numbers. In an
# annotation, bounds must come before these validators, or OpenAPI does not show the bounds.
PLAIN_INT = _plain_number(INTEGER)
PLAIN_DECIMAL = _plain_number(DECIMAL)


def message_of(error: Mapping[str, Any]) -> str:
    """Return the message of one of Pydantic's errors, for the client."""
    message: str = error["msg"].removeprefix("Value error, ")
    # For a type with a validator, such as `Line`, Pydantic does not know that it has characters.
    if error["type"] in {"too_short", "too_long"} and isinstance(error["input"], str | SecretStr):
        return message.replace(" item", " character").replace(" after validation", "")
    return message


class InputSchema(BaseModel):
    """Input of a client: no unknown members, no coerced types (ASVS 15.3.3, 15.3.5).

    Values that JSON has no type for, such as UUIDs and dates, are read from their canonical text.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Add readers of types that JSON lacks."""
        return read_json_types(handler(source), handler)

    @model_validator(mode="before")
    @classmethod
    def refuse_many_members(cls, values: Any) -> Any:  # noqa: ANN401 - any JSON
        """Reject more members than any schema has, because each would be reported as an error."""
        if isinstance(values, dict) and len(values) > MAX_MEMBERS:
            raise ValueError(f"must have at most {MAX_MEMBERS} members")
        return values


class OutputSchema(BaseModel):
    """Output for a client: only the declared fields, read from a row or an object."""

    model_config = ConfigDict(from_attributes=True)


class PatchSchema(InputSchema):
    """A partial update: omitted fields keep their values."""

    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        return self.model_dump(exclude_unset=True)


class _MayBeNull:
    """Marks a field of a `NotNullPatchSchema` that may be null."""


Nullable = Annotated[T | None, _MayBeNull()]


def _never_null(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if not any(isinstance(each, _MayBeNull) for each in field.metadata):
            yield name


def _without_null(schema: dict[str, Any], model: type[BaseModel]) -> None:
    for name in _never_null(model):
        field = schema["properties"][name]
        kept = [each for each in field.pop("anyOf") if each != {"type": "null"}]
        # A decimal has two forms: a JSON number and a text.
        schema["properties"][name] = (kept[0] if len(kept) == 1 else {"anyOf": kept}) | field


class NotNullPatchSchema(PatchSchema):
    """A partial update: fields may be omitted, but only a `Nullable` field may be null."""

    model_config = ConfigDict(json_schema_extra=_without_null)

    @model_validator(mode="before")
    @classmethod
    def refuse_null(cls, values: Any) -> Any:  # noqa: ANN401 - any JSON
        """Reject null; the types allow it only as the default of omitted fields."""
        for name in _never_null(cls):
            if isinstance(values, dict) and name in values and values[name] is None:
                raise ValueError(f"{name} may be omitted, but must not be null")
        return values
