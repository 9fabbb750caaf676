"""Compares the queue's tables with what pgqueuer needs, as part of Alembic's autogenerate.

`poe migration` therefore writes pgqueuer's own SQL into revisions, first to create the tables and
later to change them.
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
    """Lets pgqueuer read through a synchronous connection of SQLAlchemy; `fetch` awaits nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        result = self._connection.exec_driver_sql(query, args)
        return [dict(row) for row in result.mappings()]


class ChangeQueue(MigrateOperation):
    """Runs statements on the queue's tables; `undo` reverts them."""

    def __init__(self, statements: tuple[str, ...], undo: tuple[str, ...]) -> None:
        self.statements = statements
        self.undo = undo

    def reverse(self) -> "ChangeQueue":
        """Return the operation that undoes this one."""
        return ChangeQueue(self.undo, self.statements)

    def to_diff_tuple(self) -> tuple[str, ...]:
        """Return the description that `alembic check` prints."""
        return ("change_queue", *self.statements)


@comparators.dispatch_for("autogenerate")
def compare_queue(context: AutogenContext, operations: UpgradeOps) -> None:
    """Add an operation if the tables of the queue are missing or outdated."""
    assert context.connection  # noqa: S101 - autogenerate always has a connection
    driver = ConnectionDriver(context.connection)  # type: ignore[abstract] # only `fetch` is used
    statements = _run_to_end(queries(driver).plan_upgrade()).statements
    if statements:
        is_new = statements[0].startswith("CREATE SCHEMA")
        undo = (f"DROP SCHEMA {SCHEMA} CASCADE;",) if is_new else ()
        operations.ops.append(ChangeQueue(statements, undo))


@renderers.dispatch_for(ChangeQueue)
def render(_context: AutogenContext, operation: ChangeQueue) -> list[str]:
    """Return the lines that the operation adds to a revision."""
    return [f'op.execute("""{_wrap(statement)}""")' for statement in operation.statements]


def _run_to_end(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine that awaits nothing, and return its result."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    raise RuntimeError("The coroutine must not await anything.")


def _wrap(statement: str) -> str:
    """Break long lines, which is safe in SQL."""
    return "\n".join(
        fill(line, LINE_LENGTH, subsequent_indent="    ", break_on_hyphens=False)
        if len(line) > LINE_LENGTH
        else line
        for line in statement.splitlines()
    )
