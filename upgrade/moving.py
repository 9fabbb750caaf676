"""Moves files to the paths of a release, so that both sides of a merge have the same paths.

Git alone detects moved files only by similarity, and does not move files that an owner added to a
moved folder.
"""

from collections.abc import Iterator
from pathlib import Path

from upgrade.moves import FILES, MODULES, PACKAGES


def paths_of_moves() -> Iterator[tuple[str, str]]:
    """Yield the old and the new path of each file, module and package that moved."""
    yield from FILES.items()
    for old, new in (MODULES | PACKAGES).items():
        latest = new
        while latest in MODULES:
            latest = MODULES[latest]
        yield f"{_path(old)}.py", f"{_path(latest)}.py"
        if old in MODULES:
            yield _path(old), _path(latest)


def planned_moves(old: Path, new: Path) -> dict[str, str]:
    """Return the files and packages whose path differs between an old and a new rendering."""
    return {
        before: after
        for before, after in paths_of_moves()
        if (old / before).exists() and not (new / before).exists() and (new / after).exists()
    }


def each_move(moves: dict[str, str], files: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the old and the new path of each file that moves, alone or with its package."""
    there = {*files}
    for file in files:
        parents = [file, *map(str, Path(file).parents)]
        if moved := next((each for each in parents if each in moves), None):
            target = moves[moved] + file.removeprefix(moved)
            if target not in there:
                yield file, target


def move_files(folder: Path, moves: dict[str, str]) -> None:
    """Move the files in a folder according to `moves`."""
    files = [str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()]
    for before, after in [*each_move(moves, files)]:
        (folder / after).parent.mkdir(parents=True, exist_ok=True)
        (folder / before).rename(folder / after)


def _path(dotted: str) -> str:
    path = dotted.replace(".", "/")
    return f"src/{path}" if dotted.startswith("app.") else path
