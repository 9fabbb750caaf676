"""The folder that the demo renders into. Only folders of earlier demos are overwritten."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import copier

ROOT = Path(__file__).parents[1]
MARKER = ".demo"
ANOTHER = "choose another folder, such as `uvx nox -s demo -- --folder ../demo`."


class FolderError(Exception):
    """The folder cannot be used; the message says why and what to do."""


@contextmanager
def open_folder(folder: Path) -> Iterator[None]:
    """Lock `folder` and empty it; raise `FolderError` if it cannot be used."""
    try:
        marker = claim(folder)
    except BlockingIOError as error:
        raise FolderError(f"A demo is running in {folder}: stop it, or {ANOTHER}") from error
    except OSError as error:
        raise FolderError(f"{folder} cannot be written ({error.strerror}): {ANOTHER}") from error
    with marker:
        yield


def claim(folder: Path) -> TextIO:
    """Lock `folder` and delete what an earlier demo left there; return the lock."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / MARKER).exists():
        raise FolderError(f"{folder} is not empty and not from a demo: {ANOTHER}")
    marker = (folder / MARKER).open("a")
    fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
    empty(folder)
    return marker


def empty(folder: Path) -> None:
    """Delete the files of an earlier demo except the marker."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARKER:
            path.unlink()


def render(folder: Path) -> None:
    """Render the template from this folder, without Git."""
    with tempfile.TemporaryDirectory() as source:
        shutil.copy(ROOT / "copier.yml", source)
        for name in ("includes", "template"):
            shutil.copytree(ROOT / name, Path(source, name))
        copier.run_copy(source, folder, defaults=True, overwrite=True, quiet=True)
