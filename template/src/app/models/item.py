"""The example resource: what a user has in stock."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db.base import VersionedRecord
from app.core.db.letter_case import ignoring_case


class Item(VersionedRecord):
    """Something with a price, of which its owner has some."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("price > 0", "price_positive"),
        CheckConstraint("quantity BETWEEN 0 AND 10000", "quantity_range"),
        # Each serves an order of one owner's items, both ways.
        Index("ix_items_owner_id_created_at_id", "owner_id", "created_at", "id"),
        Index("ix_items_owner_id_price_id", "owner_id", "price", "id"),
        # Finds tags that few items have, without reading all of their owner's.
        Index("ix_items_tags", "tags", postgresql_using="gin"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    quantity: Mapped[int] = mapped_column(Integer)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))


# What names are ordered by; lists and their index need the same expression.
NAME_IGNORING_CASE = ignoring_case(Item.name)
Index("ix_items_owner_id_name_ignoring_case_id", Item.owner_id, NAME_IGNORING_CASE, Item.id)
