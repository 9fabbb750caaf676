"""Merges the template's changes, and lists the conflicts."""

import os
from contextlib import suppress
from dataclasses import dataclass, field

from dev.upgrade.merging import DELETED
from dev.upgrade.worktree import Worktree
from upgrade.branch import Branch
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


@dataclass
class Merge:
    """The result of a merge."""

    conflicts: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)


def merge(branch: Branch, release: Release) -> Merge:
    """Merge the changes of a release into the working tree; keep deletions by the owner."""
    moved = _move(branch, release)
    stages = branch.pick(release.new)
    undecided = {
        path: each
        for path, each in stages.items()
        if each != DELETED
        and not merge_list(branch, path)
        and not (each == BOTH and merge_imports(branch, path))
    }
    return Merge(
        {path: REASONS.get(frozenset(each), MOVED) for path, each in undecided.items()},
        [path for path, each in stages.items() if each == DELETED],
        moved,
    )


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
