"""The steps after the merge: lock, install, write the revision, check."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from dev.upgrade.errors import UpgradeError
from dev.upgrade.merging import CONTRACT, LOCK, REVISIONS
from dev.upgrade.programs import communicate, environment, program
from dev.upgrade.terminal import say
from dev.upgrade.worktree import FOLDER
from upgrade.branch import Branch
from upgrade.stale import COMMAND, stale_files

if TYPE_CHECKING:  # that module needs the project's libraries, and runs in another process
    from upgrade.revise import Report

CHANGELOG = "CHANGELOG.md"
MERGE_HEADS = 'uv run python -m dev alembic merge heads -m "merge heads"'


def finish(branch: Branch, message: str, *, check: bool) -> list[str]:
    """Commit and complete the upgrade; return the open tasks."""
    branch.commit("Resolve the open tasks of the upgrade" if branch.has_commits else message)
    try:
        say("Locking and installing the dependencies ...")
        _run(branch, "The dependencies cannot be locked", "lock", "--quiet")
        branch.commit("Lock the dependencies", LOCK)
        _run(branch, "The dependencies cannot be installed", "sync", "--quiet")
        if moved := moved_names(branch):
            return moved
        say("Comparing the models with the revisions ...")
        needed = _revise(branch, message)
        branch.commit("Write the revision that the models need", REVISIONS)
        if not needed:
            _describe_api(branch)
        if check and not needed:
            say("Running the checks (uv run poe check) ...")
            _run(branch, "The checks fail", "run", "--quiet", "poe", "check")
    except UpgradeError as error:
        return [str(error)]
    return needed


def moved_names(branch: Branch, *, besides: Container[str] = ()) -> list[str]:
    """Return a line for each use of an old name, and a last line that names the command.

    Return no line if there is no old name. Skip the files in `besides`, which contains paths
    relative to the repository.
    """
    prefix = branch.folder.relative_to(branch.root)
    files = [each for each in stale_files(branch.folder) if str(prefix / each.path) not in besides]
    lines = [line for each in files for line in each.lines]
    where = branch.folder.relative_to(branch.root.parent)
    return [*lines, f"These names moved: in {where}, `{COMMAND}` rewrites them."] if lines else []


def _run(branch: Branch, failure: str, *command: str, quietly: bool = False) -> None:
    """Run uv in the working tree and show its output; raise `UpgradeError` if uv fails.

    With `quietly`, show the output only if uv fails.
    """
    if not _succeeds("uv", *command, cwd=branch.folder, quietly=quietly):
        raise UpgradeError(f"{failure}; the lines above say why.")


def _succeeds(*command: str, cwd: Path, quietly: bool = False) -> bool:
    """Run a command; return whether it succeeded. With `quietly`, show only output of failures."""
    sys.stdout.flush()
    process = subprocess.Popen(
        [program(command[0]), *command[1:]],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE if quietly else None,
        stderr=subprocess.STDOUT if quietly else None,
    )
    said, _ = communicate(process)
    if process.returncode and said:
        say("\n".join(said.decode("utf-8", "replace").splitlines()))
    return process.returncode == 0


def _revise(branch: Branch, message: str) -> list[str]:
    """Write the revision that the models need; return the open tasks."""
    branch.forget_databases()
    script = Path(__file__).with_name("revise.py")
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "report.json"
        python = ("run", "--quiet", "python", "-m", "dev", "python", "-P", str(script))
        _run(branch, "The revisions do not run", *python, message, str(said), quietly=True)
        report: Report = json.loads(said.read_text("utf-8"))
    if len(report["heads"]) > 1:
        return [
            f"There are several newest revisions ({', '.join(report['heads'])}): merge them in"
            f" {FOLDER} with `{MERGE_HEADS}`."
        ]
    if report["revision"] is None:
        return []
    revision = Path(report["revision"]).relative_to(branch.folder.resolve())
    say(f"Wrote {revision}.")
    written = branch.folder.relative_to(branch.root.parent) / revision
    return [f"Read {written}: {risk}." for risk in report["risks"]]


def _describe_api(branch: Branch) -> None:
    """Write the description of the API, announce changes that break clients, and commit both."""
    if not (branch.folder / "dev/contract").is_dir():
        return
    say(f"Writing {CONTRACT} ...")
    before = _text(branch.folder / CHANGELOG)
    contract = ("run", "--quiet", "poe", "--quiet", "contract", "--changelog")
    base = ("--base", branch.project.head)
    _run(branch, "The API cannot be described", *contract, *base, quietly=True)
    if _text(branch.folder / CHANGELOG) != before:
        say(f"{CHANGELOG} announces the changes that break clients: read it.")
    branch.commit(f"Describe the API in {CONTRACT}", CONTRACT, CHANGELOG)


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.is_file() else ""
