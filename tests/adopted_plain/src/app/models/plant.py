"""Plants and their shelves."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import utc_now
from app.core.db.base import Base


def now_without_zone() -> datetime:
    """Return the time in UTC without a time zone, as the column stores it."""
    return utc_now().replace(tzinfo=None)


class Shelf(Base):
    """A shelf with plants."""

    __tablename__ = "shelves"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    label: Mapped[str] = mapped_column(String(20), unique=True)


class Plant(Base):
    """A plant."""

    __tablename__ = "plants"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    height: Mapped[int] = mapped_column(Integer, CheckConstraint("height > 0", name="height"))
    bought: Mapped[datetime | None] = mapped_column(DateTime, default=now_without_zone)
    shelf_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("shelves.id"))
    shelf: Mapped[Shelf | None] = relationship(lazy="joined")
