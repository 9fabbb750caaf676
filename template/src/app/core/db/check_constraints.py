"""Compares the expressions of CHECK constraints, as part of Alembic's autogenerate.

Alembic's plugin `checkconstraint_byname` compares only their names.
"""

from typing import Any

from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.ddl._autogen import ComparisonResult
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.operations.ops import (
    AddColumnOp,
    CreateCheckConstraintOp,
    ModifyTableOps,
    UpgradeOps,
)
from alembic.util import DispatchPriority
from sqlalchemy import CheckConstraint, Column
from sqlalchemy.exc import DBAPIError

NORMALIZED = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'normalized'"


class ComparingImpl(PostgresqlImpl):
    """Replaces Alembic's implementation for PostgreSQL: the dialect's name registers it."""

    __dialect__ = "postgresql"

    def compare_check_constraint(
        self, metadata_constraint: CheckConstraint, reflected_constraint: CheckConstraint
    ) -> ComparisonResult:
        """Compare the expressions as PostgreSQL writes them."""
        assert self.connection  # noqa: S101 - autogenerate always has a connection
        options = {"include_table": False, "literal_binds": True}
        sqltext = metadata_constraint.sqltext
        model = str(sqltext.compile(dialect=self.dialect, compile_kwargs=options))
        database = str(reflected_constraint.sqltext)
        table = self.dialect.identifier_preparer.format_table(reflected_constraint.table)
        with self.connection.begin_nested() as scratch:
            try:
                temporary = f"CREATE TEMPORARY TABLE normalizing (LIKE {table})"
                self.connection.exec_driver_sql(temporary)
                # After a dump and restore, PostgreSQL writes some expressions differently.
                equal = self._normalize(self._normalize(model)) == self._normalize(database)
            except DBAPIError:  # the model's expression needs a new column, type or function
                equal = False
            scratch.rollback()
        if equal:
            return ComparisonResult.Equal()
        return ComparisonResult.Different(f"{database} to {model}")

    def _normalize(self, expression: str) -> str:
        """Return an expression as PostgreSQL writes it."""
        assert self.connection  # noqa: S101 - autogenerate always has a connection
        execute = self.connection.exec_driver_sql
        execute(f"ALTER TABLE normalizing ADD CONSTRAINT normalized CHECK ({expression})")
        written = str(execute(NORMALIZED).scalar())
        execute("ALTER TABLE normalizing DROP CONSTRAINT normalized")
        return written


@comparators.dispatch_for("autogenerate", priority=DispatchPriority.LAST)
def drop_duplicates(_context: AutogenContext, operations: UpgradeOps) -> None:
    """Drop the constraints that the types of new columns add themselves."""
    for change in operations.ops:
        if isinstance(change, ModifyTableOps):
            added = [each.column for each in change.ops if isinstance(each, AddColumnOp)]
            names = {name for column in added for name in _names_of_type(column)}
            change.ops[:] = [
                each
                for each in change.ops
                if not isinstance(each, CreateCheckConstraintOp)
                or each.constraint_name not in names
            ]


def _names_of_type(column: Column[Any]) -> list[object]:
    """Return the names of the constraints that a column has by its type."""
    return [
        constraint.name
        for constraint in column.table.constraints
        if isinstance(constraint, CheckConstraint)
        and constraint._type_bound  # noqa: SLF001 - as Alembic does
        and column.name in constraint.columns
    ]
