"""Moves finished files into the project: all of them, or none.

`python -m dev.resource.placing` does this in a session of its own, so it completes even if the
command that started it is killed.
"""

import json
import os
import shutil
import signal
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PlacingError(Exception):
    """The files cannot be moved, and nothing has changed; the message says why."""


def place(finished: Path, project: Path, changes: dict[str, str | None]) -> None:
    """Move files from a folder into the project.

    `changes` has for each path the file's former content, in hexadecimal, or `None` if the file is
    new. Raise `PlacingError` if the project has another content by now.
    """
    for path, before in changes.items():
        file = project / path
        if (file.read_bytes().hex() if os.path.lexists(file) else None) != before:
            raise PlacingError(f"{path} has changed since the command began: run it again.")
    with ExitStack() as undo:
        for path, before in sorted(changes.items(), key=lambda change: change[1] is not None):
            if before is None:
                _add(finished / path, project / path, undo)
            else:
                _replace(finished / path, (project / path).resolve(), bytes.fromhex(before), undo)
        undo.pop_all()


def _add(new: Path, target: Path, undo: ExitStack) -> None:
    """Move a new file to its place, and create the folders that it needs."""
    for folder in reversed([each for each in target.parents if not each.exists()]):
        folder.mkdir()
        undo.callback(folder.rmdir)
    undo.callback(target.unlink, missing_ok=True)
    shutil.move(new, target)


def _replace(new: Path, target: Path, before: bytes, undo: ExitStack) -> None:
    """Replace a file; the new file has the same mode and owner."""
    shutil.copymode(target, new)
    with suppress(PermissionError):
        os.chown(new, target.stat().st_uid, target.stat().st_gid)
    undo.callback(target.write_bytes, before)
    shutil.move(new, target)


def main() -> None:
    """Move the files that standard input describes."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    plan = json.load(sys.stdin)
    try:
        place(Path(plan["finished"]), Path(plan["project"]), plan["changes"])
    except PlacingError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"Cannot write {error.filename}: {error.strerror}. Nothing was changed.")


if __name__ == "__main__":
    main()
