"""The table of users."""

from sqlalchemy import Index, String, Text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.core.db.base import Record
from app.core.db.letter_case import normalize_email


def _normalize_inserted(context: DefaultExecutionContext) -> str:
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return normalize_email(values["email"])


class User(Record):
    """A user account."""

    __tablename__ = "users"
    # One account per address, ignoring case. The index enforces this without a race condition.
    __table_args__ = (Index("uq_users_normalized_email", "normalized_email", unique=True),)

    email: Mapped[str] = mapped_column(String(254))
    full_name: Mapped[str | None] = mapped_column(String(100))
    hashed_password: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    # The ORM sets this value together with `email`; UPDATE statements in SQL must set both.
    normalized_email: Mapped[str] = mapped_column(
        Text(collation="C"), default=_normalize_inserted, deferred=True
    )

    @validates("email")
    def _normalize_email(self, _name: str, email: str) -> str:
        self.normalized_email = normalize_email(email)
        return email
