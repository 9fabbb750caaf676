"""Writes the next revision if the models differ from the migrated database.

The upgrade runs this file with the libraries and the development servers of the new version:
`python revise.py MESSAGE REPORT`.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypedDict

from alembic import command
from alembic.config import Config
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory


class Report(TypedDict):
    """The newest revisions, the path of a new one, and its risks for existing rows."""

    heads: list[str]
    revision: str | None
    risks: list[str]


def revise(message: str) -> Report:
    """Migrate the database, then write and run the revision that the models need."""
    config = Config("alembic.ini")
    revisions = ScriptDirectory.from_config(config)
    report: Report = {"heads": list(revisions.get_heads()), "revision": None, "risks": []}
    if len(report["heads"]) > 1:
        return report
    command.upgrade(config, "head")

    def look(
        _context: MigrationContext, _revision: object, directives: list[ops.MigrationScript]
    ) -> None:
        upgrade = directives[0].upgrade_ops
        if upgrade is None or upgrade.is_empty():
            directives.clear()
        else:
            report["risks"] = [risk for each in _flat(upgrade.ops) for risk in _risks(each)]

    script = command.revision(config, message, autogenerate=True, process_revision_directives=look)
    if isinstance(script, Script):
        report["revision"] = script.path
        command.upgrade(config, "head")
        command.check(config)
    return report


def _flat(operations: Iterable[ops.MigrateOperation]) -> Iterator[ops.MigrateOperation]:
    for operation in operations:
        if isinstance(operation, ops.OpContainer):
            yield from _flat(operation.ops)
        else:
            yield operation


def _risks(operation: ops.MigrateOperation) -> Iterator[str]:
    """Yield a description of each risk of an operation for existing rows."""
    if isinstance(operation, ops.DropColumnOp):
        yield f"it drops the column {operation.column_name} of {operation.table_name}"
    if isinstance(operation, ops.DropConstraintOp):
        yield f"it drops the constraint {operation.constraint_name} of {operation.table_name}"
    if isinstance(operation, ops.AddColumnOp):
        column = operation.column
        if not column.nullable and column.server_default is None:
            yield f"the new column {column.name} has no default for rows that are there"
    if isinstance(operation, ops.AlterColumnOp) and operation.modify_type is not None:
        yield f"the column {operation.column_name} changes its type"


if __name__ == "__main__":
    said = revise(sys.argv[1])
    Path(sys.argv[2]).write_text(json.dumps(said), "utf-8")
