"""Notes on an upgrade: its working tree, and whether the upgrade is complete.

The notes are in the branch's section of Git's configuration. Git renames and deletes this section
together with the branch.
"""

import os
from pathlib import Path

from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError

BRANCH = "template-upgrade"
SECTION = f"branch.{BRANCH}"
WORKTREE = f"{SECTION}.upgradeIn"
ENDED = f"{SECTION}.upgradeEnded"


class Record:
    """The notes in a repository. They stay valid if the folder of the repository moves."""

    def __init__(self, git: Git, common: Path) -> None:
        self._git = git
        self._common = common.resolve()

    @property
    def worktree(self) -> Path | None:
        """Return the path of the working tree that an upgrade created, or `None`."""
        try:
            noted = self._git("config", "--local", "--get", WORKTREE)
        except CommandError:
            return None
        return Path(os.path.normpath(self._common / noted))

    def project_around(self, folder: Path) -> Path | None:
        """Return the project's folder if `folder` is in the working tree of its upgrade."""
        worktree = self.worktree
        return worktree.parent if worktree and folder.resolve().is_relative_to(worktree) else None

    @property
    def has_ended(self) -> bool:
        """Return whether the upgrade is complete."""
        return self._git.succeeds("config", "--local", "--get", ENDED)

    def begin(self, worktree: Path) -> None:
        """Record the working tree of a new upgrade."""
        self.forget()
        self._git("config", "--local", WORKTREE, os.path.relpath(worktree, self._common))

    def end(self) -> None:
        """Record that the upgrade is complete."""
        self._git("config", "--local", ENDED, "true")

    def forget(self) -> None:
        """Remove the record."""
        self._git.succeeds("config", "--local", "--remove-section", SECTION)

    def refuse_foreign(self, worktree: Path, branch: str | None) -> None:
        """Raise `UpgradeError` if no upgrade here created the existing working tree or branch."""
        if worktree.is_symlink() or worktree.is_file():
            raise UpgradeError(
                f"{worktree.name} is a file or a link, and an upgrade needs that name: rename it."
            )
        made = self.worktree
        if made and made != worktree and made.exists():
            raise UpgradeError(f"An upgrade is under way in {made}: go on there.")
        if worktree.exists() and made != worktree:
            raise UpgradeError(f"{worktree.name} is not from an upgrade: rename it.")
        if branch and not made:
            raise UpgradeError(
                f"The branch {BRANCH} is not from an upgrade here: rename it with"
                f" `git branch -m {BRANCH} NAME`."
            )
