"""Hands an upgrade over to the code of another version of the template.

The project's own code fetches the template and chooses that version. The code of that version does
the rest, so a release can fix the upgrade to itself. This code consists of `template/dev` and of
the package `upgrade`, which is not rendered. The two versions rely only on this contract, which
every later release must keep:

- A version with `upgrade/run.py` and `template/dev/upgrade/handover.py` can take over. The code of
  a version consists of Python files without Jinja tags.
- The caller runs `dev.upgrade` of that version like `python -m dev.upgrade`, but in its own process
  and working directory. The arguments `--handed-over VERSION FOLDER` precede all arguments of the
  user, including arguments that are unknown to the caller. `dev.upgrade` ends with `SystemExit`;
  any other exception is a fault. `dev.upgrade` runs with the libraries and the Python of the
  project, so it uses only the standard library.
- FOLDER does not exist. Its sibling `template` is a clone of the template, with the code of
  VERSION checked out.
- Callers before 0.4.0 run `dev.upgrade` of a rendering with the file `dev/upgrade/handover.py`.
  FOLDER then contains this rendering of VERSION with the recorded answers and `--set`, in the
  layout of the repository, and nothing is checked out in the clone.
- The caller holds the lock of the upgrade, and removes FOLDER and its siblings at the end.
- The code that does an upgrade copies `dev` and `upgrade` to the folder `upgrade-code` in the Git
  directory of the working tree `.upgrade`, and writes VERSION to the file `version` there.
  `--continue`, and `--rewrite-imports` in `.upgrade`, are handed over to this copy. FOLDER is then
  `upgrade-code`: there is no clone, and the caller removes nothing.
- `--abort` is never handed over. All files and settings of an upgrade are where `Place`, `Record`
  and `scratch` of 0.2.2 look for them.
"""

import importlib
import runpy
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from dev.upgrade.errors import UpgradeError
from dev.upgrade.options import Handover, Options
from dev.upgrade.programs import CommandError
from dev.upgrade.template import Template
from dev.upgrade.worktree import ABORT, Worktree

OPTION = "--handed-over"
KEPT = "upgrade-code"
VERSION = "version"


def split(arguments: list[str]) -> tuple[Handover | None, list[str]]:
    """Return the handover, if the arguments contain one, and the arguments of the user."""
    match arguments:
        case [option, version, folder, *given] if option == OPTION:
            return Handover(version, Path(folder)), given
    return None, arguments


def hand_over(handover: Handover, code: Path, options: Options) -> NoReturn:
    """Run `dev.upgrade` from the folder `code` and exit; raise `UpgradeError` if it is faulty."""
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


def take_over(task: str, options: Options, handover: Handover) -> int:
    """Run a task of the package `upgrade` of this version; return the exit code."""
    code = handover.folder
    if not (code / VERSION).is_file():
        template = Template(code.with_name("template"), "")
        code = template.check_out_code(handover.version).parent
    sys.path.insert(0, str(code))
    exit_code: int = getattr(importlib.import_module("upgrade.run"), task)(options, handover)
    return exit_code


def kept(worktree: Worktree) -> Handover | None:
    """Return the handover to the saved copy of the code that does the upgrade, or `None`."""
    try:
        folder = worktree.path(KEPT)
        return Handover((folder / VERSION).read_text("utf-8"), folder)
    except (CommandError, OSError):
        return None


def _forget_own_code(code: Path) -> None:
    """Make Python import `dev` only from the folder `code`, without writing bytecode."""
    own = {Path.cwd(), Path(__file__).resolve().parents[2]}
    for name in [name for name in sys.modules if name.partition(".")[0] == "dev"]:
        del sys.modules[name]
    sys.path[:] = [str(code), *(each for each in sys.path if Path(each).resolve() not in own)]
    sys.dont_write_bytecode = True


def _reason(error: BaseException, code: Path) -> str:
    """Return one line with an exception and the place in the code that raised it."""
    trace = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename), frame.lineno) for frame in trace]
    said = str(error)
    if isinstance(error, SyntaxError):
        places.append((Path(error.filename or ""), error.lineno))
        said = error.msg
    place = ""
    for path, line in places:
        if path.is_relative_to(code.parent):
            folder = code if path.is_relative_to(code) else code.parent
            place = f"{path.relative_to(folder)}:{line}, "
    return place + f"{type(error).__name__}: {said}".splitlines()[0]
