"""Checks that Alembic's environment does not hide the errors of revisions."""

from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from sqlalchemy import URL

from app.core.db.revisions import read_config
from dev.revisions.errors import RevisionError
from dev.revisions.new import ENVIRONMENT

FAILING = {"of_the_database": 'op.execute("SELECT missing")', "of_python": "raise RuntimeError"}
REVISION = '''"""A revision that fails."""

from alembic import op

revision = {name!r}
down_revision = None


def upgrade() -> None:
    {body}
'''
HIDDEN = (
    f"unsafe: {ENVIRONMENT}: it hides the error of a revision, so that a deployment goes on without"
    " its schema: let each error of context.run_migrations() end the command"
)


def check_environment(url: URL) -> None:
    """Run revisions that fail; raise `RevisionError` if the environment hides their errors."""
    for name, body in FAILING.items():
        with TemporaryDirectory(prefix="revisions-") as folder:
            Path(folder, "failing.py").write_text(REVISION.format(name=name, body=body), "utf-8")
            config = read_config(Path("alembic.ini"))
            config.attributes["url"] = url
            config.set_main_option("version_locations", folder.replace("%", "%%"))
            try:
                command.upgrade(config, name)
            except Exception:  # noqa: BLE001, S112 - any error proves that none is hidden
                continue
        raise RevisionError(HIDDEN)
