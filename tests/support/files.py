"""The files of a folder."""

from pathlib import Path


def files(folder: Path) -> dict[str, bytes]:
    """Return the files below `folder` by path, except those of Git and of environments."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not {".git", ".venv", "__pycache__"} & {*path.relative_to(folder).parts}
    }


def texts(folder: Path) -> dict[str, str]:
    """Return the text files below `folder` by path."""
    return {name: data.decode() for name, data in files(folder).items() if b"\0" not in data}
