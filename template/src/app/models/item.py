"""The example resource: what a user has in stock."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import VersionedRow


class Item(VersionedRow):
    """Something with a price, of which its owner has some."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("price > 0", "price_positive"),
        CheckConstraint("quantity BETWEEN 0 AND 10000", "quantity_range"),
        # Serves the pages of one owner's items, newest first.
        Index("ix_items_owner_id_id", "owner_id", "id"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    quantity: Mapped[int] = mapped_column(Integer)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
