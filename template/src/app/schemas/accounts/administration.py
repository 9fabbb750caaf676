"""What administrators send and get."""

from datetime import datetime

from pydantic import Field

from app.core.validation import NotNullPatchSchema, OutputSchema
from app.schemas.user import UserResponse


class UserAdministration(NotNullPatchSchema):
    """A change of what only administrators may change."""

    is_active: bool | None = None
    is_superuser: bool | None = None


class UserPage(OutputSchema):
    """Some users, and how many there are in all."""

    items: list[UserResponse]
    total: int
    limit: int
    offset: int


class PasswordResetCodeResponse(OutputSchema):
    """What the user needs to choose a new password; nobody can read it again."""

    code: str = Field(description="Good once, until then. Hand it over on a way you trust.")
    expires_at: datetime
