"""Runs squawk, a linter for the statements of migrations, on recorded statements."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from dev.revisions.errors import RevisionError
from dev.revisions.recording import Statement

# The oldest PostgreSQL that the service supports.
POSTGRESQL = "15"
MISSING = "squawk is not installed here: run `uv sync`."


def violations(statements: Sequence[Statement]) -> list[tuple[Statement, str]]:
    """Return each statement that breaks a rule of squawk, with the name of the rule."""
    script, owners = _script(statements)
    command = [_program(), "--reporter", "json", "--pg-version", POSTGRESQL]
    result = subprocess.run(
        [*command, "--stdin-filepath", "revision.sql"],
        input=script,
        cwd=tempfile.gettempdir(),  # not the project, which may configure squawk
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    try:
        found = json.loads(result.stdout)
    except ValueError:
        raise RevisionError(f"squawk failed: {(result.stderr or result.stdout).strip()}") from None
    return [(owners[each["line"]], each["rule_name"]) for each in found]


def _program() -> str:
    folder = Path(sys.executable).parent
    if found := shutil.which("squawk", path=folder) or shutil.which("squawk"):
        return found
    raise RevisionError(MISSING)


def _script(statements: Sequence[Statement]) -> tuple[str, list[Statement]]:
    """Return a script with the same transactions, and the statement of each of its lines."""
    lines: list[str] = []
    owners: list[Statement] = []
    for statement, text in _with_transactions(statements):
        # squawk's own comments would excuse a statement without a reason.
        new = text.replace("squawk-ignore", "").strip().rstrip(";").split("\n")
        lines += [*new, ";"]
        owners += [statement] * (len(new) + 1)
    return "\n".join(lines), owners


def _with_transactions(statements: Sequence[Statement]) -> Iterator[tuple[Statement, str]]:
    for before, statement in pairwise([None, *statements]):
        assert statement  # noqa: S101 - only the first is None
        if statement.transaction != (before and before.transaction):
            if before and before.transaction is not None:
                yield before, "COMMIT"
            if statement.transaction is not None:
                yield statement, "BEGIN"
        yield statement, statement.sql
    if statements and statements[-1].transaction is not None:
        yield statements[-1], "COMMIT"
