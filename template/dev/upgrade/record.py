"""Notes on the branch: that an upgrade made it, where, and whether the upgrade is complete.

It stands in Git's configuration, which follows the branch if it is renamed, and goes with it.
"""

import os
from pathlib import Path

from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError

BRANCH = "template-upgrade"
SECTION = f"branch.{BRANCH}"
PLACE = f"{SECTION}.upgradeIn"
ENDED = f"{SECTION}.upgradeEnded"


class Record:
    """The notes of a repository, also after its folder has moved."""

    def __init__(self, git: Git, common: Path) -> None:
        self._git = git
        self._common = common.resolve()

    @property
    def place(self) -> Path | None:
        """Return the working tree that an upgrade made."""
        try:
            noted = self._git("config", "--local", "--get", PLACE)
        except CommandError:
            return None
        return Path(os.path.normpath(self._common / noted))

    def project_around(self, folder: Path) -> Path | None:
        """Return the project's folder if `folder` is in the working tree of its upgrade."""
        place = self.place
        return place.parent if place and folder.resolve().is_relative_to(place) else None

    @property
    def has_ended(self) -> bool:
        """Return whether the upgrade is complete and waits to be merged."""
        return self._git.tells("config", "--local", "--get", ENDED)

    def begin(self, place: Path) -> None:
        """Record where an upgrade begins."""
        self.forget()
        self._git("config", "--local", PLACE, os.path.relpath(place, self._common))

    def end(self) -> None:
        """Record that the upgrade is complete."""
        self._git("config", "--local", ENDED, "true")

    def forget(self) -> None:
        """Remove the notes."""
        self._git.tells("config", "--local", "--remove-section", SECTION)

    def refuse_foreign(self, place: Path, branch: str | None) -> None:
        """Raise `UpgradeError` if a place or the branch is there, but not by an upgrade there."""
        if place.is_symlink() or place.is_file():
            raise UpgradeError(
                f"{place.name} is a file or a link, and an upgrade needs that name: rename it."
            )
        made = self.place
        if made and made != place and made.exists():
            raise UpgradeError(f"An upgrade is under way in {made}: go on there.")
        if place.exists() and made != place:
            raise UpgradeError(f"{place.name} is not from an upgrade: rename it.")
        if branch and not made:
            raise UpgradeError(
                f"The branch {BRANCH} is not from an upgrade here: rename it with"
                f" `git branch -m {BRANCH} NAME`."
            )
