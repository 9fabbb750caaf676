"""The base classes of all tables."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, MetaData, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.core.db.ids import uuid7


class Base(DeclarativeBase):
    """A table. Migrations rely on the constraint names; datetimes are aware."""

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
    """A row with an id that sorts by time, and the times of its creation and last change."""

    __abstract__ = True
    # Values that the database computes are returned by the statement itself (RETURNING).
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - as SQLAlchemy declares it

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class VersionedRecord(Record):
    """A row that counts its changes, so that concurrent changes do not overwrite each other."""

    __abstract__ = True

    # The server default is for rows inserted without the ORM, and rows older than the column.
    version: Mapped[int] = mapped_column(server_default="1")

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Have the session increase `version` with every change."""
        return {**Record.__mapper_args__, "version_id_col": cls.version}
