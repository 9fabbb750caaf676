"""Request and response schemas of the administration of users."""

from datetime import datetime

from pydantic import Field

from app.core.validation import NotNullPatchSchema, OutputSchema
from app.schemas.user import UserResponse


class UserAdministration(NotNullPatchSchema):
    """The fields of a user that only administrators may change."""

    is_active: bool | None = Field(None, examples=[True])
    is_superuser: bool | None = Field(None, examples=[False])


class UserPage(OutputSchema):
    """A page of users, and the total number of users that match."""

    items: list[UserResponse]
    total: int
    limit: int
    offset: int


class PasswordResetCodeResponse(OutputSchema):
    """A code with which the user can set a new password. No other response contains it."""

    code: str = Field(description="Can be used once. Send it to the user over a channel you trust.")
    expires_at: datetime
