"""The branch of an upgrade, with a copy of the code that does the upgrade."""

import shutil
from pathlib import Path

import dev
import upgrade
from dev.upgrade.handover import KEPT, VERSION
from dev.upgrade.merging import MergeBranch


class Branch(MergeBranch):
    """The branch of an upgrade."""

    def keep_code(self, version: str) -> None:
        """Save a copy of the running code, for `--continue` and `--rewrite-imports`."""
        folder = self.path(KEPT)
        for package in (dev, upgrade):
            source = Path(package.__file__ or "").parent
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / package.__name__, ignore=unwanted)
        (folder / VERSION).write_text(version, "utf-8")
