"""The commit with which the gates compare the project: of the base branch, or the last tag."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError

# Pipelines have the name of the branch into which a change goes in one of these.
TARGETS = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_DEFAULT_BRANCH")
BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


class BaselineError(Exception):
    """The project cannot be compared; the message says what to do."""


@dataclass(frozen=True)
class Baseline:
    """A commit, the words that describe it in messages, and the project's folder."""

    commit: str
    description: str
    folder: Path

    def text(self, path: str) -> str | None:
        """Return a file of the project at this commit, or `None` if it did not exist."""
        return Git(self.folder).text(self.commit, f"./{path}")

    def names(self, folder: str) -> list[str]:
        """Return the names of the files that a folder of the project had at this commit."""
        listing = ("ls-tree", "-z", "--name-only", self.commit, f"{folder}/")
        return [Path(name).name for name in Git(self.folder).names(*listing)]


def find_baseline(folder: Path, revision: str | None = None) -> Baseline | None:
    """Return the named revision, else the merge base with the base branch, else the last tag.

    On the base branch itself, the last tag is preferred. Return `None` without Git, a repository
    or a commit, or if there is neither another branch nor a tag. Raise `BaselineError` if the
    revision does not exist, if Git refuses the repository, or if the clone is too shallow.
    """
    git = Git(folder)
    if not shutil.which("git") or not _has_repository(git):
        return None
    if revision is not None:
        return _named(git, revision)
    if (head := git.commit_of("HEAD")) is None:
        return None
    base = _merge_base(git, head)
    if base is None or base.commit == head:
        tag = _last_tag(git)
        if tag is None and git("rev-parse", "--is-shallow-repository") == "true":
            raise BaselineError("This clone is shallow: run `git fetch --unshallow --tags`.")
        base = tag or base
    return base


def _has_repository(git: Git) -> bool:
    try:
        git("rev-parse", "--git-dir")
    except CommandError as error:
        if "not a git repository" in str(error):
            return False
        raise BaselineError(f"Git cannot work here: {error}.") from None
    return True


def _named(git: Git, revision: str) -> Baseline:
    if commit := git.commit_of(revision):
        return Baseline(commit, revision, git.folder)
    raise BaselineError(f"Git knows no revision {revision!r} here: fetch it, or name another.")


def _merge_base(git: Git, head: str) -> Baseline | None:
    for branch in _branches():
        if git.commit_of(branch):
            try:
                commit = git("merge-base", head, branch)
            except CommandError:  # the histories are not related, or the clone is shallow
                return None
            return Baseline(commit, f"the merge base with {branch}", git.folder)
    return None


def _branches() -> tuple[str, ...]:
    """Return the possible base branches; in a pipeline, its target comes first."""
    named = [os.environ[name] for name in TARGETS if os.environ.get(name)]
    return (*(f"origin/{each}" for each in named), *BRANCHES)


def _last_tag(git: Git) -> Baseline | None:
    try:
        tag = git("describe", "--tags", "--abbrev=0")
    except CommandError:
        return None
    return Baseline(git("rev-parse", f"{tag}^{{commit}}"), f"the tag {tag}", git.folder)
