"""A copy of the project, in which a resource is written and tested before the project changes.

The folder has a fixed name, so killed commands leave at most one, which the next command removes.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dev.locks import lock_at_once
from dev.resource.programs import UNCHANGED, StepError
from dev.resource.progress import note
from dev.upgrade.purpose import PURPOSES

DATA = ".data"
FOLDER = "resource"
COPIED = {"migrations", "src", "tests"}
CACHES = {".mypy_cache", ".pytest_cache", ".ruff_cache"}
LEFT_OUT = {DATA, ".git", ".venv", *CACHES, *(each.folder for each in PURPOSES)}


@contextmanager
def locked(project: Path) -> Iterator[IO[str]]:
    """Yield the lock of the command. Wait while another command, or a program of it, runs."""
    (project / DATA).mkdir(exist_ok=True)
    with (project / DATA / f"{FOLDER}.lock").open("a") as lock:
        if not lock_at_once(lock):
            note("Another `poe resource` is running here: waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


@contextmanager
def scratch(project: Path) -> Iterator[Path]:
    """Yield a copy of the project, and remove it at the end. The caller must hold the lock."""
    folder = project.resolve() / DATA / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        try:
            _copy(project, folder)
        except shutil.Error as error:
            path, _, reason = error.args[0][0]  # of the first failure
            raise StepError(f"Cannot copy {path}: {reason}. {UNCHANGED}") from error
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(project: Path, folder: Path) -> None:
    """Copy the code and the files beside it; link hidden files, such as `.env`, and the rest."""
    for path in project.iterdir():
        target = folder / path.name
        if path.name in COPIED:
            shutil.copytree(path, target, ignore_dangling_symlinks=True)
        elif path.is_file() and not path.name.startswith("."):
            shutil.copy2(path, target)
        elif path.name not in LEFT_OUT and path.exists():
            # A new file would be written through a link to a missing file, outside the copy.
            target.symlink_to(path.resolve())
