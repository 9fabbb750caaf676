"""What all schemas share."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

# PostgreSQL's text cannot hold NUL: refused here, before it becomes an error there.
NO_NUL = r"^[^\x00]*$"


class InputSchema(BaseModel):
    """What a caller sends: no unknown members, no coerced types (ASVS 15.3.3, 15.3.5)."""

    model_config = ConfigDict(extra="forbid", strict=True)


class OutputSchema(BaseModel):
    """What a caller gets: the fields named, read from a row or an object, and no others."""

    model_config = ConfigDict(from_attributes=True)


class PatchSchema(InputSchema):
    """A change: what is left out stays as it is."""

    def changes(self) -> dict[str, Any]:
        """Return what was sent, by field."""
        return self.model_dump(exclude_unset=True)


class NotNullPatchSchema(PatchSchema):
    """A change of fields that have a value always: left out they may be, null they may not."""

    @model_validator(mode="before")
    @classmethod
    def refuse_null(cls, values: Any) -> Any:  # noqa: ANN401 - whatever was sent
        """Refuse null, which the types need only as the default of what is left out."""
        for field in cls.model_fields:
            if isinstance(values, dict) and field in values and values[field] is None:
                raise ValueError(f"{field} may be left out, but not be null")
        return values
