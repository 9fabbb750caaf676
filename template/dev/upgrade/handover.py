"""Hands an upgrade over to the code of the version that it goes to.

The project's own code fetches the template, chooses the target and renders it. The rendering's
`dev.upgrade` does the rest, so a release can mend the upgrade that leads to it. The two versions
rely on the following alone, and every later release must keep to it:

- A rendering with the file `dev/upgrade/handover.py` can take over. Without that file the
  project's own code goes on.
- `dev.upgrade` of the rendering is run like `python -m dev.upgrade`: in the same process and
  working directory, with the arguments `--handed-over VERSION FOLDER` before those of the person,
  which the caller may not know. It ends by `SystemExit`; any other exception is a fault of it.
  The libraries and the Python are the project's, so it uses the standard library alone.
- FOLDER holds what Copier rendered of VERSION by the recorded answers and `--set`, laid out like
  the repository. Beside it `template` is a clone of the template.
- The caller holds the lock of the upgrade, and removes FOLDER and its siblings at the end.
- The code that begins an upgrade keeps itself as `upgrade-code/dev` in Git's folder of the working
  tree `.upgrade`, with its VERSION in `upgrade-code/version`. `--continue` is handed over to it;
  FOLDER is then `upgrade-code`.
- `--abort` is never handed over. All that an upgrade makes lies where `Place`, `Record` and
  `scratch` of 0.2.2 look for it.
"""

import runpy
import shutil
import sys
import traceback
from pathlib import Path

from dev.upgrade.errors import UpgradeError
from dev.upgrade.place import ABORT, Place
from dev.upgrade.programs import CommandError
from dev.upgrade.wish import Handover, Wish

OPTION = "--handed-over"
MARK = "dev/upgrade/handover.py"
KEPT = "upgrade-code"


def split(arguments: list[str]) -> tuple[Handover | None, list[str]]:
    """Return what an earlier version hands over, and the arguments of the person."""
    match arguments:
        case [option, version, folder, *given] if option == OPTION:
            return Handover(version, Path(folder)), given
    return None, arguments


def hand_over(handover: Handover, code: Path, wish: Wish) -> None:
    """Go on with the code in a folder until it exits; return if it cannot take over.

    Raises `UpgradeError` if that code is broken.
    """
    if not (code / MARK).is_file():
        return
    _forget_own_code(code)
    sys.argv[1:] = [OPTION, handover.version, str(handover.folder), *wish.arguments]
    try:
        runpy.run_module("dev.upgrade", run_name="__main__", alter_sys=True)
        reason = "it ended without a result"
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - code of another version can raise anything
        reason = _reason(error, code)
    raise UpgradeError(
        f"The upgrade code of {handover.version} is broken ({reason}): `{ABORT}` clears away what"
        " it made, and `--to VERSION` goes to another release."
    )


def keep(place: Place, version: str) -> None:
    """Keep the code that is running, for `--continue`."""
    folder = place.path(KEPT)
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(__file__).parents[1], folder / "dev", ignore=unwanted)
    (folder / "version").write_text(version, "utf-8")


def kept(place: Place) -> Handover | None:
    """Return the code that began the upgrade, if it was handed over."""
    try:
        folder = place.path(KEPT)
        return Handover((folder / "version").read_text("utf-8"), folder)
    except (CommandError, OSError):
        return None


def _forget_own_code(code: Path) -> None:
    """Let Python find `dev` in another folder alone, and leave no bytecode there."""
    own = {Path.cwd(), Path(__file__).resolve().parents[2]}
    for name in [name for name in sys.modules if name.partition(".")[0] == "dev"]:
        del sys.modules[name]
    sys.path[:] = [str(code), *(each for each in sys.path if Path(each).resolve() not in own)]
    sys.dont_write_bytecode = True


def _reason(error: BaseException, code: Path) -> str:
    """Say in one line what an exception is, and where the code raised it."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    said = str(error)
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
        said = error.msg
    own = [
        f"{Path(file).relative_to(code)}:{line}, "
        for file, line in places
        if Path(file).is_relative_to(code)
    ]
    return "".join(own[-1:]) + f"{type(error).__name__}: {said}".splitlines()[0]
