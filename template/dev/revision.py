"""`poe migration`: migrates the development database, and writes a revision from the models."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.autogenerate.rewriter import Rewriter
from alembic.operations.ops import AddColumnOp, MigrateOperation, MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import ARRAY, Column

from app.core.db.revisions import read_config
from dev.revisions.checking import check, report
from dev.revisions.errors import RevisionError
from dev.revisions.writing import make_online

Check = Callable[[MigrationContext, object, list[MigrationScript]], None]
fill_lists = Rewriter()


def main() -> None:
    """Write the revision; exit with a one-line message if there is nothing to write."""
    message = " ".join(sys.argv[1:]).strip()
    if not message or message.startswith("-"):
        sys.exit('Say what changes, such as: uv run poe migration "add a column"')
    if code := subprocess.run(["app", "migrate"], check=False).returncode:  # noqa: S607 - on PATH
        sys.exit(code)
    written = write_revision(message, _check)
    print("Read the revision, then run it: uv run poe migrate", flush=True)
    try:
        report(check(os.environ["DATABASE_URL"], written))
    except RevisionError as error:
        print(error)


def write_revision(message: str, examine: Check) -> set[str]:
    """Write a revision from the models and return its id, unless `examine` exits.

    The database must be migrated.
    """
    config, process = read_config(Path("alembic.ini")), fill_lists.chain(make_online).chain(examine)
    written = command.revision(
        config, message, autogenerate=True, process_revision_directives=process
    )
    return {each.revision for each in (written if isinstance(written, list) else [written]) if each}


@fill_lists.rewrites(AddColumnOp)
def _empty_list(_: MigrationContext, __: object, added: AddColumnOp) -> list[MigrateOperation]:
    """Let a new list be empty in the existing rows, if it may not be null and has no default."""
    column, table, schema = added.column, added.table_name, added.schema
    if not isinstance(column.type, ARRAY) or column.nullable or column.server_default is not None:
        return [added]
    name, type_ = column.name, column.type
    # The default stays, because the running version inserts rows without the column.
    filled: Column[list[object]] = Column(
        name, type_, server_default="{}", nullable=False, comment=column.comment
    )
    return [AddColumnOp(table, filled, schema=schema)]


def _check(context: MigrationContext, _: object, directives: list[MigrationScript]) -> None:
    """Exit if a module with a model is not imported, or if nothing changed."""
    tables = context.opts["target_metadata"].tables
    known = {*tables}
    for file in sorted(Path("src").rglob("*.py")):
        module = ".".join(file.relative_to("src").with_suffix("").parts).removesuffix(".__init__")
        if module not in sys.modules and "__tablename__" in file.read_text("utf-8"):
            for name, value in vars(import_module(module)).items():
                table = getattr(value, "__table__", None)
                if table is not None and table.key in {*tables} - known:
                    line = f"from {module} import {name}"
                    sys.exit(f"{file} is not imported: add `{line}` to src/app/models/__init__.py.")
    if (upgrade := directives[0].upgrade_ops) and upgrade.is_empty():
        print("The revisions already match the models: there is nothing to write.")
        sys.exit()


if __name__ == "__main__":
    main()
