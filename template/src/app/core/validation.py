"""What all schemas share."""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema

from app.core.json.models import read_json_types

# PostgreSQL's text cannot hold NUL: refused here, before it becomes an error there.
NO_NUL = r"^[^\x00]*$"
MAX_MEMBERS = 100
NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]*$"
# Signs that do nothing by themselves: controls, formats, marks, spaces.
INVISIBLE = {"Cc", "Cf", "Me", "Mn", "Zl", "Zp", "Zs"}
# Letters and signs whose glyph is blank.
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")
INTEGER = re.compile(r"-?[0-9]+")
DECIMAL = re.compile(r"[-+.0-9Ee]+")


def _validate_visible(text: str) -> str:
    # Each sign is looked at once: the length is checked later, and may be a million.
    if all(unicodedata.category(sign) in INVISIBLE or sign in BLANK for sign in set(text)):
        raise ValueError("must have a visible character")
    return text


def _spelt_as(pattern: re.Pattern[str]) -> BeforeValidator:
    """Refuse what Python reads as a number and others do not: `1_0`, ` 1`, digits of any script."""

    def check(value: object) -> object:
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise ValueError("must be a number in plain digits")
        return value

    return BeforeValidator(check)


# One line that somebody can see; add its greatest length.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, pattern=NO_CONTROLS),
    AfterValidator(_validate_visible),
]
# Of numbers as text: integers of a query, decimals (which JSON's numbers may be, too). Bounds come
# before it in the annotation, or the API's description would not show them.
PLAIN_INT = _spelt_as(INTEGER)
PLAIN_DECIMAL = _spelt_as(DECIMAL)


class InputSchema(BaseModel):
    """What a caller sends: no unknown members, no coerced types (ASVS 15.3.3, 15.3.5).

    Values that JSON has no type for, such as UUIDs and dates, are read from their canonical text.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read what JSON has no type for."""
        return read_json_types(handler(source), handler)

    @model_validator(mode="before")
    @classmethod
    def refuse_many_members(cls, values: Any) -> Any:  # noqa: ANN401 - whatever was sent
        """Refuse what no schema has the members for: each would become an error of its own."""
        if isinstance(values, dict) and len(values) > MAX_MEMBERS:
            raise ValueError(f"must have {MAX_MEMBERS} members at most")
        return values


class OutputSchema(BaseModel):
    """What a caller gets: the fields named, read from a row or an object, and no others."""

    model_config = ConfigDict(from_attributes=True)


class PatchSchema(InputSchema):
    """A change: what is left out stays as it is."""

    def changes(self) -> dict[str, Any]:
        """Return what was sent, by field."""
        return self.model_dump(exclude_unset=True)


def _without_null(schema: dict[str, Any]) -> None:
    for name, field in schema["properties"].items():
        kept = [each for each in field.pop("anyOf") if each != {"type": "null"}]
        # A decimal number has two forms: a JSON number, and a text.
        schema["properties"][name] = (kept[0] if len(kept) == 1 else {"anyOf": kept}) | field


class NotNullPatchSchema(PatchSchema):
    """A change of fields that have a value always: left out they may be, null they may not."""

    model_config = ConfigDict(json_schema_extra=_without_null)

    @model_validator(mode="before")
    @classmethod
    def refuse_null(cls, values: Any) -> Any:  # noqa: ANN401 - whatever was sent
        """Refuse null, which the types need only as the default of what is left out."""
        for field in cls.model_fields:
            if isinstance(values, dict) and field in values and values[field] is None:
                raise ValueError(f"{field} may be left out, but not be null")
        return values
