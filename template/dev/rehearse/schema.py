"""The new schema for the tests of a release."""

from pathlib import Path

from alembic import command
from alembic.script import Script, ScriptDirectory

from app.core.db.revisions import read_config
from dev.rehearse.errors import RehearsalError
from dev.revisions.reasons import first_line

VERSIONS = "migrations/versions"
# The old code must not run the new revisions, which may need the new code.
RECORD = '''"""This revision has run."""

revision = {script.revision!r}
down_revision = {script.down_revision!r}
depends_on = {script.dependencies!r}
branch_labels = None
'''


def migrate(url: str) -> None:
    """Run all revisions of the project in the current folder; raise `RehearsalError` if one fails.

    If the database is PostgreSQL's template, each database that the tests create has its schema.
    """
    config = read_config(Path("alembic.ini"))
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except Exception as error:  # a revision may raise any error
        raise RehearsalError(f"The migration fails: {first_line(error)}.") from error


def mark_as_run(tree: Path) -> None:
    """Replace the revisions in a folder by records of those of the project, which have run."""
    folder = tree / VERSIONS
    for file in folder.glob("*.py"):
        file.unlink()
    for number, script in enumerate(_scripts()):
        (folder / f"run_{number}.py").write_text(RECORD.format(script=script), "utf-8")


def _scripts() -> list[Script]:
    return [*ScriptDirectory.from_config(read_config(Path("alembic.ini"))).walk_revisions()]
