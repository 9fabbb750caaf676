"""The revisions that the baseline lacks."""

import re
from pathlib import Path

from dev.baseline import Baseline

FOLDER = "migrations/versions"
ID = re.compile(r"^revision(?:\s*:\s*\w+)?\s*=\s*[\"']([^\"']+)", re.MULTILINE)


def new_revisions(project: Path, baseline: Baseline) -> set[str]:
    """Return the ids of the revisions in the project that the baseline lacks."""
    before = {*baseline.names(FOLDER)}
    files = {file.name: file for file in (project / FOLDER).glob("*.py")}
    if not (added := {*files} - before):
        return set()
    # A revision whose file has another name than at the baseline is not new.
    gone = [name for name in before - {*files} if name.endswith(".py")]
    known = {each for name in gone for each in _ids(baseline.text(f"{FOLDER}/{name}") or "")}
    return {each for name in added for each in _ids(files[name].read_text("utf-8"))} - known


def _ids(text: str) -> list[str]:
    return ID.findall(text)[:1]
