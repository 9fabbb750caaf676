"""The base classes of all tables."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, MetaData, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.core.db.ids import uuid7


class Base(DeclarativeBase):
    """The base class of models. Migrations use its constraint names; datetimes have a time zone."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True)}


class Record(Base):
    """A row with a time-ordered id, and the times of its creation and last change."""

    __abstract__ = True
    # INSERT and UPDATE also return the values that the database computes (RETURNING).
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - as SQLAlchemy declares it

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class VersionedRecord(Record):
    """A row with a version number, so that concurrent changes do not overwrite each other."""

    __abstract__ = True

    # The server default is for rows that are inserted without the ORM or are older than the column.
    version: Mapped[int] = mapped_column(server_default="1")

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Make the session increment `version` on every update."""
        return {**Record.__mapper_args__, "version_id_col": cls.version}
