"""Reads Alembic's configuration, and migrates to newer revisions for the `app` command."""

import logging
import sys
from io import StringIO
from pathlib import Path
from typing import TextIO

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError


def _is_step(record: logging.LogRecord) -> bool:
    """Return whether a line of Alembic's log says that it runs a revision."""
    return record.msg.startswith("Running")


def read_config(file: Path, output: TextIO = sys.stdout) -> Config:
    """Return Alembic's configuration from a file, whose path may contain `%`."""
    config = Config(file, stdout=output)
    config.file_config["DEFAULT"]["here"] = str(file.resolve().parent).replace("%", "%%")
    return config


def migrate(file: Path, revision: str) -> str:
    """Migrate the database and return its revision; raise `CommandError` if that is newer."""
    logging.getLogger("alembic.runtime.migration").addFilter(_is_step)
    printed = StringIO()
    config = read_config(file, printed)
    if revision == "head":
        _refuse_branches(config)
    command.upgrade(config, revision)
    command.current(config)
    reached = sorted(line.split()[0] for line in printed.getvalue().splitlines())
    if "+" in revision:
        return ", ".join(reached)
    found = ScriptDirectory.from_config(config).get_revisions(revision)
    if reached != sorted(each.revision for each in found):
        raise CommandError(
            f"The database is at revision {', '.join(reached)}, which is newer than {revision}."
            f" To go back, run alembic downgrade {revision}"
        )
    return revision


def _refuse_branches(config: Config) -> None:
    """Raise `CommandError` if several revisions are the newest, as after a merge in Git."""
    newest = ScriptDirectory.from_config(config).get_revisions("heads")
    if len(newest) > 1:
        names = " and ".join(sorted(Path(each.path).name for each in newest))
        raise CommandError(
            f"{names} are both newest revisions: write one that follows both, with"
            ' `uv run alembic merge heads -m "merge revisions"`'
        )
