"""The steps after the merge: lock, install, write the revision, check."""

import json
import tempfile
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from dev.upgrade.errors import UpgradeError
from dev.upgrade.place import FOLDER, LOCK, REVISIONS, Place
from dev.upgrade.programs import succeeds
from dev.upgrade.stale import COMMAND, stale_files
from dev.upgrade.terminal import say

if TYPE_CHECKING:  # it needs the project's libraries, and runs elsewhere
    from dev.upgrade.revise import Report

MERGE_HEADS = 'uv run python -m dev alembic merge heads -m "merge heads"'


def finish(place: Place, message: str, *, check: bool) -> list[str]:
    """Commit and complete the upgrade; return the tasks that are left to a person."""
    place.commit("Settle what needed a person" if place.has_commits else message)
    try:
        say("Locking and installing the dependencies ...")
        _run(place, "The dependencies cannot be locked", "lock", "--quiet")
        place.commit("Lock the dependencies", LOCK)
        _run(place, "The dependencies cannot be installed", "sync", "--quiet")
        if moved := moved_names(place):
            return moved
        say("Comparing the models with the revisions ...")
        needed = _revise(place, message)
        place.commit("Write the revision that the models need", REVISIONS)
        if check and not needed:
            say("Running the checks (uv run poe check) ...")
            _run(place, "The checks fail", "run", "--quiet", "poe", "check")
    except UpgradeError as error:
        return [str(error)]
    return needed


def moved_names(place: Place, *, besides: Container[str] = ()) -> list[str]:
    """Return what a person must rename, but in some files, whose paths are the repository's."""
    prefix = place.folder.relative_to(place.root)
    files = [each for each in stale_files(place.folder) if str(prefix / each.path) not in besides]
    lines = [line for each in files for line in each.lines]
    where = place.folder.relative_to(place.root.parent)
    return [*lines, f"These names moved: in {where}, `{COMMAND}` rewrites them."] if lines else []


def _run(place: Place, failure: str, *command: str, quietly: bool = False) -> None:
    """Run uv in the working tree; raise `UpgradeError` if it fails, after what it said."""
    if not succeeds("uv", *command, cwd=place.folder, quietly=quietly):
        raise UpgradeError(f"{failure}; the lines above say why.")


def _revise(place: Place, message: str) -> list[str]:
    """Write the revision that the models need; return its operations that a person must review."""
    place.forget_databases()
    script = Path(__file__).with_name("revise.py")
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "report.json"
        python = ("run", "--quiet", "python", "-m", "dev", "python", "-P", str(script))
        _run(place, "The revisions do not run", *python, message, str(said), quietly=True)
        report: Report = json.loads(said.read_text("utf-8"))
    if len(report["heads"]) > 1:
        return [
            f"There are several newest revisions ({', '.join(report['heads'])}): merge them in"
            f" {FOLDER} with `{MERGE_HEADS}`."
        ]
    if report["revision"] is None:
        return []
    revision = Path(report["revision"]).relative_to(place.folder.resolve())
    say(f"Wrote {revision}.")
    written = place.folder.relative_to(place.root.parent) / revision
    return [f"Read {written}: {risk}." for risk in report["risks"]]
