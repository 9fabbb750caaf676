"""The release whose tests a rehearsal runs, and its files in a temporary folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.baseline import Baseline, find_baseline
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError


def find_release(project: Path, revision: str | None) -> Baseline | None:
    """Return the named commit, else the last tag, else the commit that the gates compare with.

    If the project is a tag without any change, return the tag before it. Raise `BaselineError` if
    the commit is unknown, or if the clone is too shallow.
    """
    base = find_baseline(project, revision)
    if revision or base is None:
        return base
    git = Git(project)
    head = git.commit_of("HEAD")
    for name in ("HEAD", "HEAD^"):
        tag = _tag(git, name)
        if tag and (git.commit_of(tag) != head or git("status", "--porcelain", "--", ".")):
            return Baseline(git.commit_of(tag) or tag, f"the tag {tag}", project)
    return base


def _tag(git: Git, name: str) -> str | None:
    try:
        return git("describe", "--tags", "--abbrev=0", name)
    except CommandError:
        return None


@contextmanager
def checked_out(release: Baseline) -> Iterator[Path]:
    """Yield a folder with the project's files at a commit; Git has no record of the folder."""
    git = Git(release.folder)
    tree, root = git("rev-parse", f"{release.commit}:./"), Path(git("rev-parse", "--show-toplevel"))
    with TemporaryDirectory(prefix="rehearsal-") as name:
        parent = Path(name).resolve()
        index = Git(root, GIT_INDEX_FILE=str(parent / "index"))
        index("read-tree", tree)
        index("checkout-index", "--all", f"--prefix={parent}/tree/")
        yield parent / "tree"
        shutil.rmtree(parent / "tree", ignore_errors=True)  # also files that tests made read-only
