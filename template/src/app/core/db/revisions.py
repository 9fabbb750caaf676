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
        _refuse_branches(config, printed)
    command.upgrade(config, revision)
    reached = _reached(config, printed)
    if "+" in revision:
        return ", ".join(reached)
    found = ScriptDirectory.from_config(config).get_revisions(revision)
    if reached != sorted(each.revision for each in found):
        raise CommandError(
            f"The database is at revision {', '.join(reached)}, which is newer than {revision}."
            f" To go back, run alembic downgrade {revision}"
        )
    return revision


def _reached(config: Config, printed: StringIO) -> list[str]:
    """Return the revisions of the database, which Alembic prints."""
    command.current(config)
    return sorted(line.split()[0] for line in printed.getvalue().splitlines())


def _refuse_branches(config: Config, printed: StringIO) -> None:
    """Raise `CommandError` if several revisions are the newest, as after a merge in Git."""
    scripts = ScriptDirectory.from_config(config)
    histories = [[*scripts.iterate_revisions(head, "base")] for head in scripts.get_heads()]
    if len(histories) == 1:
        return
    reached = {*_reached(config, printed)}
    # Revisions that the database has run must be before the others.
    histories.sort(key=lambda each: (reached.isdisjoint(it.revision for it in each), each[0].path))
    first, second, *_ = histories
    names = [Path(each.path).name for each in (first[0], second[0])]
    *_, start = (each for each in second if each not in first)
    raise CommandError(
        f"{' and '.join(names)} are both newest revisions, as after a merge: in"
        f' {Path(start.path).name}, set down_revision to "{first[0].revision}"'
    )
