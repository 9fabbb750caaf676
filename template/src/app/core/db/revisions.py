"""Migrations to newer revisions, for the `app` command."""

from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError


def migrate(file: Path, revision: str) -> str:
    """Migrate the database, and return its revision; raise `CommandError` if it has a newer one."""
    config = Config(file)
    command.upgrade(config, revision)
    reached = _read_revisions(file)
    if "+" in revision:
        return ", ".join(reached)
    found = ScriptDirectory.from_config(config).get_revisions(revision)
    if reached != sorted(each.revision for each in found):
        raise CommandError(
            f"The database is at revision {', '.join(reached)}, which is newer than {revision}."
            f" To go back, run alembic downgrade {revision}"
        )
    return revision


def _read_revisions(file: Path) -> list[str]:
    """Return the revisions of the database, from the lines that `alembic current` prints."""
    printed = StringIO()
    command.current(Config(file, stdout=printed))
    return sorted(line.split()[0] for line in printed.getvalue().splitlines())
