"""Merges the template's changes, and lists the conflicts."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError
from dev.upgrade.worktree import Worktree
from upgrade.branch import LOCK, REVISIONS
from upgrade.import_merges import merge_imports
from upgrade.list_merges import merge_list
from upgrade.moving import each_move
from upgrade.trees import Release

# Git's stages of a conflict: 1 is the old rendering, 2 the project, 3 the new rendering.
BOTH = {1, 2, 3}
REASONS = {
    frozenset(BOTH): "changed by you and by the template, at the same places",
    frozenset({1, 2}): "edited by you, removed by the template: `git add` keeps it,"
    " `git rm` drops it",
    frozenset({2, 3}): "added by you and by the template",
}
MOVED = "moved by you and by the template to different places"
DELETED = {1, 3}
# Paths that the upgrade itself writes and commits.
WRITTEN = (LOCK, REVISIONS)
MARKER = re.compile(rb"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)


@dataclass
class Merge:
    """The result of a merge."""

    conflicts: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)


def merge(worktree: Worktree, release: Release) -> Merge:
    """Merge the changes of a release into the working tree; keep deletions by the owner."""
    git = Git(worktree.root)
    moved = _move(worktree, release)
    try:
        git("cherry-pick", "--no-commit", release.new)
    except CommandError:
        if not _stages(git):
            raise
    stages = _stages(git)
    deleted = [path for path, each in stages.items() if each == DELETED]
    for path in deleted:
        git("rm", "--quiet", "--force", "--", path)
    undecided = {
        path: each
        for path, each in stages.items()
        if each != DELETED
        and not merge_list(worktree, path)
        and not (each == BOTH and merge_imports(worktree, path))
    }
    return Merge(
        {path: REASONS.get(frozenset(each), MOVED) for path, each in undecided.items()},
        deleted,
        moved,
    )


def refuse_unresolved(worktree: Worktree) -> None:
    """Raise `UpgradeError` if conflicts, conflict markers or untracked files are left."""
    git = Git(worktree.root)
    changed = git.names("diff", "--name-only", "-z", "--diff-filter=d", "HEAD")
    own = [f":(exclude){worktree.folder.relative_to(worktree.root) / name}" for name in WRITTEN]
    new = git.names("ls-files", "--others", "--exclude-standard", "-z", "--", ".", *own)
    left = dict.fromkeys(new, "is not added")
    left |= dict.fromkeys(_stages(git), "is not resolved")
    left |= {name: f"line {line} is a conflict marker" for name, line in _marked(worktree, changed)}
    if left:
        listed = "".join(f"\n  {name}: {why}" for name, why in sorted(left.items()))
        raise UpgradeError(f"Resolve these in {worktree.root.name}, and `git add` them:{listed}")


def _move(worktree: Worktree, release: Release) -> dict[str, str]:
    """Move files to the paths of the release; return the moves of files that the owner added."""
    added = {}
    for before, after in [*each_move(release.moves, worktree.git.names("ls-files", "-z"))]:
        (worktree.folder / after).parent.mkdir(parents=True, exist_ok=True)
        worktree.git("mv", "--", before, after)
        with suppress(OSError):  # the folder is not empty
            os.removedirs((worktree.folder / before).parent)
        known = before in release.moves
        if not known and not worktree.git.succeeds("cat-file", "-e", f"{release.base}:./{after}"):
            added[before] = after
    return added


def _marked(worktree: Worktree, names: list[str]) -> Iterator[tuple[str, int]]:
    """Yield the files that contain conflict markers, each with the line number of the first one."""
    for name in names:
        file = worktree.root / name
        text = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
        if found := MARKER.search(text):
            yield name, text.count(b"\n", 0, found.start()) + 1


def _stages(git: Git) -> dict[str, set[int]]:
    """Return the stages that each unmerged file has."""
    stages: dict[str, set[int]] = {}
    for line in git.names("ls-files", "--unmerged", "-z"):
        entry, path = line.split("\t", 1)
        stages.setdefault(path, set()).add(int(entry.rsplit(" ", 1)[1]))
    return stages
