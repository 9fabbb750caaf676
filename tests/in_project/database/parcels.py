"""A model whose enum types and CHECK constraints change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, CheckConstraint, Column, Enum, Integer, Table
from sqlalchemy.sql.schema import SchemaItem

from app.models import Base
from tests.databases import execute


@contextmanager
def parcels(*items: SchemaItem) -> Iterator[None]:
    """Add a model of parcels with some columns and constraints."""
    table = Table("parcels", Base.metadata, Column("id", Integer, primary_key=True), *items)
    try:
        yield
    finally:
        Base.metadata.remove(table)


def native(*values: str, default: str | None = None, name: str = "state") -> Column[Any]:
    return Column("state", Enum(*values, name=name), server_default=default)


def checked(*values: str) -> Column[Any]:
    kind = Enum(*values, name="state", native_enum=False, create_constraint=True, length=20)
    return Column("state", kind)


def check(expression: str, name: str = "weight") -> CheckConstraint:
    return CheckConstraint(expression, name)


def weight(*items: SchemaItem) -> Column[Any]:
    return Column("weight", Integer, *items, server_default="1", nullable=False)


def follow(config: Config) -> None:
    """Write a revision, run, revert and repeat it, and check that it removes all drift."""
    command.revision(config, "Follow the models", autogenerate=True)
    command.upgrade(config, "head")
    command.downgrade(config, "-1")
    command.upgrade(config, "head")
    command.check(config)


def labels(url: URL, name: str = "state") -> list[str]:
    query = "SELECT enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid WHERE typname = "
    return [row[0] for row in execute(url, f"{query}'{name}' ORDER BY enumsortorder")]
