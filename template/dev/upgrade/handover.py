"""Hands an upgrade over to the code of the version that it goes to.

The project's own code fetches the template, chooses the target and renders it. `dev.upgrade` of the
rendering does the rest, so a release can fix the upgrade to itself. The two versions rely only on
this contract, which every later release must keep:

- A rendering with the file `dev/upgrade/handover.py` can take over. Without that file, the
  project's own code continues.
- `dev.upgrade` of the rendering is run like `python -m dev.upgrade`: in the same process and
  working directory, with the arguments `--handed-over VERSION FOLDER` before the user's arguments,
  some of which the caller may not know. It ends with `SystemExit`; any other exception is a fault.
  It runs with the libraries and the Python of the project, so it uses only the standard library.
- FOLDER contains the rendering of VERSION with the recorded answers and `--set`, in the layout of
  the repository. Its sibling `template` is a clone of the template.
- The caller holds the lock of the upgrade, and removes FOLDER and its siblings at the end.
- The code that starts an upgrade copies itself to `upgrade-code/dev` in Git's folder of the working
  tree `.upgrade`, with its VERSION in `upgrade-code/version`. `--continue` is handed over to it;
  FOLDER is then `upgrade-code`.
- `--abort` is never handed over. All files and settings of an upgrade are where `Place`, `Record`
  and `scratch` of 0.2.2 look for them.
"""

import runpy
import shutil
import sys
import traceback
from pathlib import Path

from dev.upgrade.errors import UpgradeError
from dev.upgrade.options import Handover, Options
from dev.upgrade.programs import CommandError
from dev.upgrade.worktree import ABORT, Worktree

OPTION = "--handed-over"
MARK = "dev/upgrade/handover.py"
KEPT = "upgrade-code"


def split(arguments: list[str]) -> tuple[Handover | None, list[str]]:
    """Return the handover of an earlier version, if any, and the arguments of the user."""
    match arguments:
        case [option, version, folder, *given] if option == OPTION:
            return Handover(version, Path(folder)), given
    return None, arguments


def hand_over(handover: Handover, code: Path, options: Options) -> None:
    """Run the code in a folder until it exits; return only if it cannot take over.

    Raise `UpgradeError` if that code is broken.
    """
    if not (code / MARK).is_file():
        return
    _forget_own_code(code)
    sys.argv[1:] = [OPTION, handover.version, str(handover.folder), *options.arguments]
    try:
        runpy.run_module("dev.upgrade", run_name="__main__", alter_sys=True)
        reason = "it ended without a result"
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - code of another version can raise anything
        reason = _reason(error, code)
    raise UpgradeError(
        f"The upgrade code of {handover.version} is broken ({reason}): `{ABORT}` removes what it"
        " made, and `--to VERSION` goes to another release."
    )


def keep(worktree: Worktree, version: str) -> None:
    """Save a copy of the running code, for `--continue`."""
    folder = worktree.path(KEPT)
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(__file__).parents[1], folder / "dev", ignore=unwanted)
    (folder / "version").write_text(version, "utf-8")


def kept(worktree: Worktree) -> Handover | None:
    """Return the saved copy of the code that started the upgrade, or `None`."""
    try:
        folder = worktree.path(KEPT)
        return Handover((folder / "version").read_text("utf-8"), folder)
    except (CommandError, OSError):
        return None


def _forget_own_code(code: Path) -> None:
    """Make Python import `dev` only from another folder, and write no bytecode there."""
    own = {Path.cwd(), Path(__file__).resolve().parents[2]}
    for name in [name for name in sys.modules if name.partition(".")[0] == "dev"]:
        del sys.modules[name]
    sys.path[:] = [str(code), *(each for each in sys.path if Path(each).resolve() not in own)]
    sys.dont_write_bytecode = True


def _reason(error: BaseException, code: Path) -> str:
    """Return one line with an exception and the place in `code` that raised it."""
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
