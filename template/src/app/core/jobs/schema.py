"""Has Alembic compare the queue's tables with what pgqueuer wants, and write what they lack.

So `poe migration` brings the queue by pgqueuer's own SQL, and later what a new version changes.
"""

from collections.abc import Coroutine
from textwrap import fill
from typing import Any, TypeVar

from alembic.autogenerate import comparators, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrateOperation, UpgradeOps
from pgqueuer.ports.driver import Driver
from sqlalchemy import Connection

from app.core.jobs.queue import SCHEMA, queries

Result = TypeVar("Result")

LINE_LENGTH = 80


class ConnectionDriver(Driver):
    """Lets pgqueuer read by a connection of SQLAlchemy, without waiting for anything."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        """Run a statement and return its rows."""
        result = self._connection.exec_driver_sql(query, args)
        return [dict(row) for row in result.mappings()]


class ChangeQueue(MigrateOperation):
    """Runs statements on the queue's tables, and others to undo that."""

    def __init__(self, statements: tuple[str, ...], undo: tuple[str, ...]) -> None:
        self.statements = statements
        self.undo = undo

    def reverse(self) -> "ChangeQueue":
        """Return what undoes it."""
        return ChangeQueue(self.undo, self.statements)

    def to_diff_tuple(self) -> tuple[str, ...]:
        """Return what `alembic check` says."""
        return ("change_queue", *self.statements)


@comparators.dispatch_for("autogenerate")
def compare_queue(context: AutogenContext, operations: UpgradeOps) -> None:
    """Add what the queue's tables lack."""
    assert context.connection  # noqa: S101 - there is no comparing without one
    driver = ConnectionDriver(context.connection)  # type: ignore[abstract] # it only fetches
    statements = _finished(queries(driver).plan_upgrade()).statements
    if statements:
        is_new = statements[0].startswith("CREATE SCHEMA")
        undo = (f"DROP SCHEMA {SCHEMA} CASCADE;",) if is_new else ()
        operations.ops.append(ChangeQueue(statements, undo))


@renderers.dispatch_for(ChangeQueue)
def render(_context: AutogenContext, operation: ChangeQueue) -> list[str]:
    """Return the lines of a revision."""
    return [f'op.execute("""{_wrapped(statement)}""")' for statement in operation.statements]


def _finished(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine that waits for nothing to its end."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    raise RuntimeError("It waited.")


def _wrapped(statement: str) -> str:
    """Break long lines: SQL does not care where."""
    return "\n".join(
        fill(line, LINE_LENGTH, subsequent_indent="    ", break_on_hyphens=False)
        if len(line) > LINE_LENGTH
        else line
        for line in statement.splitlines()
    )
