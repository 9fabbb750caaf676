"""The revisions that the baseline lacks, and whether it has another environment of Alembic."""

import re
from pathlib import Path

from dev.baseline import Baseline
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError

FOLDER = "migrations/versions"
ENVIRONMENT = "migrations/env.py"
ID = re.compile(r"^revision(?:\s*:\s*\w+)?\s*=\s*[\"']([^\"']+)", re.MULTILINE)


def new_revisions(project: Path, baseline: Baseline) -> set[str]:
    """Return the ids of the revisions in the project that the baseline has in no file."""
    before = {*baseline.names(FOLDER)}
    added = [file for file in (project / FOLDER).glob("*.py") if file.name not in before]
    if not added:
        return set()
    return {each for file in added for each in _ids(file.read_text("utf-8"))} - _known(baseline)


def has_new_environment(project: Path, baseline: Baseline) -> bool:
    """Return whether the project's `migrations/env.py` is not that of the baseline."""
    file = project / ENVIRONMENT
    return file.is_file() and file.read_text("utf-8") != baseline.text(ENVIRONMENT)


def _known(baseline: Baseline) -> set[str]:
    """Return the ids of the revisions at the baseline, also of those that have moved since."""
    try:
        lines = Git(baseline.folder)("grep", "-h", "-e", "^revision", baseline.commit, "--", "*.py")
    except CommandError:  # no line was found
        return set()
    return {*ID.findall(lines)}


def _ids(text: str) -> list[str]:
    return ID.findall(text)[:1]
