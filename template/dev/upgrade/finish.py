"""The steps after the merge: lock, install, write the revision, check."""

import json
import tempfile
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from dev.upgrade.errors import UpgradeError
from dev.upgrade.programs import succeeds
from dev.upgrade.stale import COMMAND, stale_files
from dev.upgrade.terminal import say
from dev.upgrade.worktree import FOLDER, LOCK, REVISIONS, Worktree

if TYPE_CHECKING:  # it needs the project's libraries, and runs elsewhere
    from dev.upgrade.revise import Report

MERGE_HEADS = 'uv run python -m dev alembic merge heads -m "merge heads"'


def finish(worktree: Worktree, message: str, *, check: bool) -> list[str]:
    """Commit and complete the upgrade; return the tasks that are left to a person."""
    worktree.commit("Resolve the open tasks of the upgrade" if worktree.has_commits else message)
    try:
        say("Locking and installing the dependencies ...")
        _run(worktree, "The dependencies cannot be locked", "lock", "--quiet")
        worktree.commit("Lock the dependencies", LOCK)
        _run(worktree, "The dependencies cannot be installed", "sync", "--quiet")
        if moved := moved_names(worktree):
            return moved
        say("Comparing the models with the revisions ...")
        needed = _revise(worktree, message)
        worktree.commit("Write the revision that the models need", REVISIONS)
        if check and not needed:
            say("Running the checks (uv run poe check) ...")
            _run(worktree, "The checks fail", "run", "--quiet", "poe", "check")
    except UpgradeError as error:
        return [str(error)]
    return needed


def moved_names(worktree: Worktree, *, besides: Container[str] = ()) -> list[str]:
    """Return a line for each use of a moved module's old name, and one that says what to do.

    Skip the files in `besides`, which are paths in the repository.
    """
    prefix = worktree.folder.relative_to(worktree.root)
    files = [
        each for each in stale_files(worktree.folder) if str(prefix / each.path) not in besides
    ]
    lines = [line for each in files for line in each.lines]
    where = worktree.folder.relative_to(worktree.root.parent)
    return [*lines, f"These names moved: in {where}, `{COMMAND}` rewrites them."] if lines else []


def _run(worktree: Worktree, failure: str, *command: str, quietly: bool = False) -> None:
    """Run uv in the working tree and show its output; raise `UpgradeError` if it fails.

    `quietly` shows the output of a failure only.
    """
    if not succeeds("uv", *command, cwd=worktree.folder, quietly=quietly):
        raise UpgradeError(f"{failure}; the lines above say why.")


def _revise(worktree: Worktree, message: str) -> list[str]:
    """Write the revision that the models need; return the operations that require a review."""
    worktree.forget_databases()
    script = Path(__file__).with_name("revise.py")
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "report.json"
        python = ("run", "--quiet", "python", "-m", "dev", "python", "-P", str(script))
        _run(worktree, "The revisions do not run", *python, message, str(said), quietly=True)
        report: Report = json.loads(said.read_text("utf-8"))
    if len(report["heads"]) > 1:
        return [
            f"There are several newest revisions ({', '.join(report['heads'])}): merge them in"
            f" {FOLDER} with `{MERGE_HEADS}`."
        ]
    if report["revision"] is None:
        return []
    revision = Path(report["revision"]).relative_to(worktree.folder.resolve())
    say(f"Wrote {revision}.")
    written = worktree.folder.relative_to(worktree.root.parent) / revision
    return [f"Read {written}: {risk}." for risk in report["risks"]]
