"""Who can sign in."""

from sqlalchemy import Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Row


class User(Row):
    """Someone with an account."""

    __tablename__ = "users"
    email: Mapped[str] = mapped_column(String(254))
    full_name: Mapped[str | None] = mapped_column(String(100))
    hashed_password: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)


# One account an address, however it is spelt: the database decides, so there is no race (CWE-178).
Index("uq_users_lower_email", func.lower(User.email), unique=True)
