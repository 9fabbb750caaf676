"""The table of login sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db.base import Base
from app.core.db.ids import uuid7

MAX_USER_AGENT_LENGTH = 200


class UserSession(Base):
    """A login session. Each token refresh extends it. Ending the session deletes the row."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_expires_at", "expires_at"),
        Index("ix_sessions_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Hash of the prefix that all refresh tokens of this session share.
    family_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    # Hash of the only refresh token that is currently valid.
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    user_agent: Mapped[str | None] = mapped_column(String(MAX_USER_AGENT_LENGTH))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    # Extended on every refresh, but never past `absolute_expires_at`.
    expires_at: Mapped[datetime]
    absolute_expires_at: Mapped[datetime]
