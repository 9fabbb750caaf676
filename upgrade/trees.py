"""Commits the old and the new rendering, so that Git can merge their difference."""

import os
from dataclasses import dataclass
from pathlib import Path

from dev.upgrade import answers
from dev.upgrade.git import Git
from dev.upgrade.project import Project
from upgrade.moving import move_files, planned_moves
from upgrade.orphans import remove_orphaned_tests

# These commits need no real author, because no permanent commit has them as parents.
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Template"), ("EMAIL", "template@localhost"))
}


@dataclass(frozen=True)
class Release:
    """The commits of the renderings with the old version and answers, and with the new ones.

    `base` is `old` with its files at the paths of `new`, according to `moves`.
    """

    old: str
    base: str
    new: str
    moves: dict[str, str]


def commit_renderings(project: Project, old: Path, new: Path) -> Release:
    """Commit two renderings in the repository's layout; the new commit descends from the old one.

    This moves files in the folder `old`, and removes tests from `new` that the owner cannot need.
    """
    # Copy the project's answers file into the old rendering, so that this file never conflicts.
    own = project.text(project.head, answers.FILE) or ""
    (old / project.prefix / answers.FILE).write_text(own, "utf-8")
    remove_orphaned_tests(project, old / project.prefix, new / project.prefix)
    first = _commit(project, _tree(project, old), "the template before")
    moves = planned_moves(old / project.prefix, new / project.prefix)
    move_files(old / project.prefix, moves)
    base = _commit(project, _tree(project, old), "its files moved", "-p", first)
    last = _commit(project, _tree(project, new), "the template now", "-p", base)
    return Release(first, base, last, moves)


def _tree(project: Project, folder: Path) -> str:
    """Write a folder as a tree to the project's repository; return the hash of the tree."""
    git = Git(
        folder,
        GIT_DIR=project.git("rev-parse", "--absolute-git-dir"),
        GIT_WORK_TREE=os.fspath(folder),
        GIT_INDEX_FILE=f"{folder}.index",
    )
    git("-c", "core.fileMode=true", "add", "--force", "--all", ".")
    return git("write-tree")


def _commit(project: Project, tree: str, message: str, *parent: str) -> str:
    git = Git(project.folder, **AUTHOR)
    return git("-c", "commit.gpgSign=false", "commit-tree", tree, *parent, "-m", message)
