"""Notes on a merge: its working tree, and whether the merge is complete.

The notes are in the branch's section of Git's configuration. Git renames and deletes this section
together with the branch.
"""

import os
from pathlib import Path

from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError
from dev.upgrade.purpose import UPGRADE, Purpose

BRANCH = UPGRADE.branch


class Record:
    """The notes in a repository. They stay valid if the folder of the repository moves."""

    def __init__(self, git: Git, common: Path, purpose: Purpose = UPGRADE) -> None:
        self._git = git
        self._common = common.resolve()
        self._purpose = purpose
        self._section = f"branch.{purpose.branch}"
        self._worktree = f"{self._section}.upgradeIn"
        self._ended = f"{self._section}.upgradeEnded"

    @property
    def worktree(self) -> Path | None:
        """Return the path of the working tree that was created, or `None`."""
        try:
            noted = self._git("config", "--local", "--get", self._worktree)
        except CommandError:
            return None
        return Path(os.path.normpath(self._common / noted))

    def project_around(self, folder: Path) -> Path | None:
        """Return the project's folder if `folder` is in that working tree."""
        worktree = self.worktree
        return worktree.parent if worktree and folder.resolve().is_relative_to(worktree) else None

    @property
    def has_ended(self) -> bool:
        """Return whether the merge is complete."""
        return self._git.succeeds("config", "--local", "--get", self._ended)

    def begin(self, worktree: Path) -> None:
        """Record the working tree of a new merge."""
        self.forget()
        self._git("config", "--local", self._worktree, os.path.relpath(worktree, self._common))

    def end(self) -> None:
        """Record that the merge is complete."""
        self._git("config", "--local", self._ended, "true")

    def forget(self) -> None:
        """Remove the record."""
        self._git.succeeds("config", "--local", "--remove-section", self._section)

    def refuse_foreign(self, worktree: Path, branch: str | None) -> None:
        """Raise `UpgradeError` if no merge here created the existing working tree or branch."""
        noun, own = self._purpose.noun, self._purpose.branch
        if worktree.is_symlink() or worktree.is_file():
            raise UpgradeError(
                f"{worktree.name} is a file or a link, and an {noun} needs that name: rename it."
            )
        made = self.worktree
        if made and made != worktree and made.exists():
            raise UpgradeError(f"An {noun} is under way in {made}: go on there.")
        if worktree.exists() and made != worktree:
            raise UpgradeError(f"{worktree.name} is not from an {noun}: rename it.")
        if branch and not made:
            raise UpgradeError(
                f"The branch {own} is not from an {noun} here: rename it with"
                f" `git branch -m {own} NAME`."
            )
