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
    CreateTableOp,
    ModifyTableOps,
    UpgradeOps,
)
from alembic.util import DispatchPriority
from sqlalchemy import CheckConstraint
from sqlalchemy.exc import ProgrammingError

# The plugins of autogenerate, with the one that compares CHECK constraints.
PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]
NORMALIZED = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'normalized'"


class ComparingImpl(PostgresqlImpl):
    """Replaces Alembic's implementation for PostgreSQL; `__dialect__` registers this class."""

    __dialect__ = "postgresql"

    def adjust_reflected_dialect_options(
        self,
        reflected_object: Any,  # noqa: ANN401 - its type is private
        kind: str,
    ) -> dict[str, Any]:
        """Ignore `NOT VALID`, which Alembic cannot read."""
        if kind == "check_constraint":
            return {}
        return super().adjust_reflected_dialect_options(reflected_object, kind)

    def compare_check_constraint(
        self, metadata_constraint: CheckConstraint, reflected_constraint: CheckConstraint
    ) -> ComparisonResult:
        """Compare the expressions as PostgreSQL writes them."""
        assert self.connection  # noqa: S101 - autogenerate always has a connection
        model = self._compile_element(metadata_constraint.sqltext)
        database = str(reflected_constraint.sqltext)
        table = self.dialect.identifier_preparer.format_table(reflected_constraint.table)
        with self.connection.begin_nested() as scratch:
            self.connection.exec_driver_sql(f"CREATE TEMPORARY TABLE normalizing (LIKE {table})")
            try:
                # After a dump and restore, PostgreSQL writes some expressions differently.
                equal = self._normalize(self._normalize(model)) == self._normalize(database)
            except ProgrammingError:  # the model's expression needs a new column, type or function
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
def drop_redundant(context: AutogenContext, operations: UpgradeOps) -> None:
    """Remove redundant operations that create constraints of types.

    A new column creates such a constraint itself, and some types need none in PostgreSQL.
    """
    for change in operations.ops:
        if isinstance(change, ModifyTableOps) and change.table_name in context.table_key_to_table:
            added = {each.column.name for each in change.ops if isinstance(each, AddColumnOp)}
            names = _find_redundant(context, change.table_name, added)
            change.ops[:] = [
                each
                for each in change.ops
                if not isinstance(each, CreateCheckConstraintOp)
                or each.constraint_name not in names
            ]


@comparators.dispatch_for("autogenerate", priority=DispatchPriority.LAST)
def add_checks_of_columns(context: AutogenContext, operations: UpgradeOps) -> None:
    """Add operations for constraints that columns of new tables declare; Alembic omits them."""
    for created in [each for each in operations.ops if isinstance(each, CreateTableOp)]:
        table = context.table_key_to_table.get(created.table_name)
        checks = [
            CreateCheckConstraintOp.from_constraint(check)
            for column in (table.columns if table is not None else ())
            for check in column.constraints
            if isinstance(check, CheckConstraint)
        ]
        if checks:
            operations.ops.append(ModifyTableOps(created.table_name, checks))


def _find_redundant(context: AutogenContext, table: str, added: set[str]) -> set[object]:
    dialect = context.migration_context.dialect
    compiler = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type] # compiles nothing
    return {
        constraint.name
        for constraint in context.table_key_to_table[table].constraints
        if isinstance(constraint, CheckConstraint)
        and constraint._type_bound
        and (
            not constraint._should_create_for_compiler(compiler)
            or added & set(constraint.columns.keys())
        )
    }
