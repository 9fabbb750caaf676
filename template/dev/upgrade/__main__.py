"""`python -m dev.upgrade`: upgrades a project to a later version, or changes its answers."""

import argparse
import os
import re
import signal
import sys
from pathlib import Path
from types import FrameType

from dev.upgrade.begin import abort, resume, rewrite_imports, upgrade
from dev.upgrade.errors import UpgradeError, UsageError
from dev.upgrade.handover import split, take_over
from dev.upgrade.options import Options
from dev.upgrade.terminal import printable, replace_unencodable, say

DESCRIPTION = """\
Merge a later version of the template, or other answers, with your changes. This happens on the
branch template-upgrade, in a separate working tree in .upgrade: yours is not changed.
"""
ENDINGS = (signal.SIGINT, signal.SIGTERM)
NAMED = {
    "--to": ("VERSION", "the release to upgrade to (default: the newest)"),
    "--from": ("VERSION", "the release that the project has, if the recorded one is gone"),
    "--template": ("ADDRESS", "the new address of the template, if it moved"),
}
SWITCHES = {
    "--preview": "show the changes, and stop",
    "--no-check": "skip `poe check` at the end",
    "--continue": "continue, after you completed the open tasks in .upgrade",
    "--abort": "undo: remove .upgrade and the branch",
    "--rewrite-imports": "rewrite the old names of moved modules in the files here",
}

TASKS = {"continue": resume, "rewrite_imports": rewrite_imports}


def main() -> None:
    """Run the command line; print a message, without a traceback, for each expected failure."""
    replace_unencodable()
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
    parser = _parser()
    try:
        sys.exit(_run(parser))
    except KeyboardInterrupt:
        say("\nInterrupted. `uv run poe upgrade --abort` removes the unfinished upgrade.")
        sys.exit(128 + signal.SIGINT)
    except UsageError as error:
        parser.error(printable(str(error)))
    except UpgradeError as error:
        sys.exit(printable(str(error)))
    except BrokenPipeError:
        # The reader has closed the pipe: print nothing more, and do not let Python flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        sys.exit(printable(f"Cannot use {why}."))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(parser: argparse.ArgumentParser) -> int:
    handover, given = split(sys.argv[1:])
    # The code of another version may know more arguments, so this code passes on all of them.
    arguments, unknown = parser.parse_known_args(given)
    options = _options(arguments, tuple(given), tuple(unknown))
    if handover or arguments.abort:
        options.refuse_unknown()
    if arguments.abort:
        abort(Path.cwd())
        return 0
    chosen = [task for name, task in TASKS.items() if getattr(arguments, name)]
    task = (chosen or [upgrade])[0]
    if handover:
        return take_over(task.__name__, options, handover)
    return task(Path.cwd(), options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="poe upgrade", description=DESCRIPTION)
    for name, (value, text) in NAMED.items():
        parser.add_argument(name, metavar=value, help=text)
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change an answer, at the current version unless --to is given; may be repeated",
    )
    for name, text in SWITCHES.items():
        parser.add_argument(name, action="store_true", help=text)
    return parser


def _options(
    arguments: argparse.Namespace, raw: tuple[str, ...], unknown: tuple[str, ...]
) -> Options:
    """Return the parsed arguments; raise `UsageError` if they are invalid."""
    given = vars(arguments)
    new = [name for name in ("to", "from", "template", "set", "preview") if given[name]]
    alone = [name for name in ("continue", "abort", "rewrite_imports") if given[name]]
    allowed = ["template"] if given["rewrite_imports"] else []
    if len(alone) > 1 or (alone and new and new != allowed):
        raise UsageError(
            "--continue and --abort take no other arguments, and --rewrite-imports only --template"
        )
    if wrong := [text for text in given["set"] if not re.match(r"[a-z]\w*=", text)]:
        raise UsageError(f"--set takes NAME=VALUE, not {wrong[0]}")
    return Options(
        to=given["to"],
        since=given["from"],
        template=given["template"],
        answers=dict(text.split("=", 1) for text in given["set"]),
        preview=given["preview"],
        check=not given["no_check"],
        arguments=raw,
        unknown=unknown,
    )


if __name__ == "__main__":
    main()
