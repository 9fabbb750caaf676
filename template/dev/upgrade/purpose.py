"""The purposes of a merge on a branch in a working tree of its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Purpose:
    """The noun of a purpose in messages, its command, its branch and the folder of its tree.

    The noun begins with a vowel.
    """

    noun: str
    command: str
    branch: str
    folder: str

    @property
    def resume(self) -> str:
        """Return the command that continues after the open tasks."""
        return f"{self.command} --continue"

    @property
    def abort(self) -> str:
        """Return the command that removes the branch and its working tree."""
        return f"{self.command} --abort"


UPGRADE = Purpose("upgrade", "uv run poe upgrade", "template-upgrade", ".upgrade")
ADDITION = Purpose("addition", "uv run poe resource", "resource-change", ".resource")
PURPOSES = (UPGRADE, ADDITION)
