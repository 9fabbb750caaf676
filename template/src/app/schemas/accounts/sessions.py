"""Sessions, as their user sees them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.core.validation import OutputSchema


class SessionResponse(OutputSchema):
    """One of one's sign-ins."""

    id: UUID
    user_agent: str | None = Field(description="What the client called itself.")
    created_at: datetime
    last_used_at: datetime = Field(description="When its refresh token was used last.")
    expires_at: datetime = Field(description="When it ends unless it is used before.")
