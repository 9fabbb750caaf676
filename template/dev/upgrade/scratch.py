"""The temporary folder of an upgrade, for the clone and the renderings.

The folder has a fixed name in the Git directory, so killed upgrades leave at most one. The next
upgrade, `--continue` or `--abort` removes it. Callers must hold the lock of `Worktree.held`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "template-upgrade.scratch"


@contextmanager
def scratch(common: Path) -> Iterator[Path]:
    """Yield an empty folder, and remove it at the end."""
    remove_scratch(common)
    folder = common.resolve() / FOLDER
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        remove_scratch(common)


def remove_scratch(common: Path) -> None:
    """Remove the temporary folder if it exists."""
    shutil.rmtree(common / FOLDER, ignore_errors=True)
