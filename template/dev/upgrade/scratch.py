"""The folder in which an upgrade fetches and renders.

It has one fixed name in Git's own folder, so killed upgrades leave one folder at most: the next
upgrade, `--continue` or `--abort` removes it. Its user holds the lock of `Place.held`.
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
    """Remove the folder, if it is there."""
    shutil.rmtree(common / FOLDER, ignore_errors=True)
