"""Migrates a database, and writes the revision that creates the tables of new resources."""

import sys
from pathlib import Path

from alembic.operations.ops import MigrationScript
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from app.core.db.engine import DatabaseUnavailableError
from app.core.db.revisions import migrate
from dev.revision import write_revision

OTHERS = """\
The models and the migrations already differ in {}: write a revision for that first, with
`uv run poe migration "what changes"`.\
"""


def main() -> None:
    """Migrate the database; with a message and tables as arguments, also write their revision."""
    try:
        migrate(Path("alembic.ini"), "head")
    except CommandError as error:
        sys.exit(f"Alembic: {error}.")
    except (DatabaseUnavailableError, SQLAlchemyError) as error:
        sys.exit(f"The database cannot be used: {error}".partition("\n")[0])
    if sys.argv[1:]:
        message, *tables = sys.argv[1:]
        write_revision(message, lambda _, __, scripts: _refuse_others(scripts, {*tables}))


def _refuse_others(scripts: list[MigrationScript], tables: set[str]) -> None:
    """Exit if a revision would change other tables, too."""
    changes = scripts[0].upgrade_ops.ops if scripts[0].upgrade_ops else []
    if others := sorted({getattr(each, "table_name", "") for each in changes} - tables):
        sys.exit(OTHERS.format(", ".join(others)))


if __name__ == "__main__":
    main()
