"""Changes of a table that do not stop the service, for revisions.

Each commits what the revision did before, and can run again after an interruption. Revisions call
these functions for years, so their parameters must stay.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from alembic import op
from sqlalchemy import ColumnElement, TextClause, text

INVALID = text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")
NOT_NULL = "checked_before_not_null"


def create_index(
    name: str,
    table: str,
    columns: Sequence[str | TextClause | ColumnElement[Any]],
    **options: Any,  # noqa: ANN401 - as in op.create_index
) -> None:
    """Create an index while others write; the options are those of `op.create_index`.

    An interrupted build leaves an invalid index, which the next run replaces.
    """
    with _patient():
        _drop_invalid(name)
        op.create_index(
            name, table, columns, postgresql_concurrently=True, if_not_exists=True, **options
        )


def drop_index(name: str, table_name: str, **options: Any) -> None:  # noqa: ANN401
    """Drop an index while others use its table; the options are those of `op.drop_index`."""
    with _patient():
        op.drop_index(name, table_name, postgresql_concurrently=True, if_exists=True, **options)


def add_check(name: str, table: str, condition: str | TextClause | ColumnElement[bool]) -> None:
    """Add a CHECK constraint, and then read the existing rows without a lock that stops writes."""
    with op.get_context().autocommit_block():
        op.drop_constraint(op.f(name), table, if_exists=True)
        op.create_check_constraint(op.f(name), table, condition, postgresql_not_valid=True)
        _validate(name, table)


def add_foreign_key(
    name: str,
    table: str,
    target: str,
    columns: list[str],
    target_columns: list[str],
    **options: Any,  # noqa: ANN401 - as in op.create_foreign_key
) -> None:
    """Add a foreign key, and then read the existing rows without a lock that stops writes.

    The options are those of `op.create_foreign_key`.
    """
    options["postgresql_not_valid"] = True
    with op.get_context().autocommit_block():
        op.drop_constraint(op.f(name), table, if_exists=True)
        op.create_foreign_key(op.f(name), table, target, columns, target_columns, **options)
        _validate(name, table)


def add_unique(name: str, table: str, columns: Sequence[str]) -> None:
    """Add a unique constraint, whose index is built while others write."""
    with _patient():
        op.drop_constraint(op.f(name), table, if_exists=True)
        _drop_invalid(name)
        op.create_index(
            name, table, columns, unique=True, postgresql_concurrently=True, if_not_exists=True
        )
    with op.get_context().autocommit_block():
        constraint = _quoted(name)
        _alter(table, f"ADD CONSTRAINT {constraint} UNIQUE USING INDEX {constraint}")


def set_not_null(table: str, column: str) -> None:
    """Forbid null in a column. PostgreSQL trusts a validated constraint, and reads no row."""
    with op.get_context().autocommit_block():
        op.drop_constraint(op.f(NOT_NULL), table, if_exists=True)
        check = text(f"{_quoted(column)} IS NOT NULL")
        op.create_check_constraint(op.f(NOT_NULL), table, check, postgresql_not_valid=True)
        _validate(NOT_NULL, table)
        op.alter_column(table, column, nullable=False)
        op.drop_constraint(op.f(NOT_NULL), table)


@contextmanager
def _patient() -> Iterator[None]:
    """Leave the transaction, and wait without limit for other transactions, which go on."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        yield
        op.execute("RESET lock_timeout")  # to the value that env.py has set


def _drop_invalid(index: str) -> None:
    """Drop an index if its build was interrupted."""
    if op.get_context().as_sql:
        return
    if op.get_bind().scalar(INVALID, {"name": _quoted(index)}):
        op.drop_index(index, postgresql_concurrently=True, if_exists=True)


def _validate(name: str, table: str) -> None:
    _alter(table, f"VALIDATE CONSTRAINT {_quoted(name)}")


def _alter(table: str, change: str) -> None:
    op.execute(f"ALTER TABLE {_quoted(table)} {change}")


def _quoted(name: str) -> str:
    return op.get_context().dialect.identifier_preparer.quote(name)
