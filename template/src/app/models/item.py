"""The table of items."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db.base import VersionedRecord
from app.core.db.letter_case import ignoring_case


class Item(VersionedRecord):
    """An item of a user."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("price > 0", "price_positive"),
        CheckConstraint("quantity BETWEEN 0 AND 10000", "quantity_range"),
        # Each index supports one order of an owner's items, in both directions.
        Index("ix_items_owner_id_created_at_id", "owner_id", "created_at", "id"),
        Index("ix_items_owner_id_price_id", "owner_id", "price", "id"),
        # Finds items with rare tags without reading all items of the owner.
        Index("ix_items_tags", "tags", postgresql_using="gin"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    quantity: Mapped[int] = mapped_column(Integer)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(50)))


# The sort key `name`. The list query and the index must use the same expression.
NAME_IGNORING_CASE = ignoring_case(Item.name)
Index("ix_items_owner_id_name_ignoring_case_id", Item.owner_id, NAME_IGNORING_CASE, Item.id)
