"""Response schema of login sessions."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.core.validation import OutputSchema


class SessionResponse(OutputSchema):
    """A login session of the caller."""

    id: UUID
    user_agent: str | None = Field(description="The `User-Agent` header of the login.")
    created_at: datetime
    last_used_at: datetime = Field(description="Time of the login or of the last token refresh.")
    expires_at: datetime = Field(
        description="The session ends at this time unless it is refreshed earlier."
    )
