"""What administrators send and get."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from app.schemas.base import NotNullPatchSchema, OutputSchema
from app.schemas.user import UserResponse


class UserAdministration(NotNullPatchSchema):
    """A change of what only administrators may change."""

    is_active: bool | SkipJsonSchema[None] = None
    is_superuser: bool | SkipJsonSchema[None] = None


class UserPage(OutputSchema):
    """Some users, and how many there are in all."""

    items: Sequence[UserResponse]
    total: int
    limit: int
    offset: int


class PasswordResetCode(OutputSchema):
    """What the user needs to choose a new password; nobody can read it again."""

    code: str = Field(description="Good once, until then. Hand it over on a way you trust.")
    expires_at: datetime
