"""The command line of `poe rehearse`."""

import argparse
import sys
from pathlib import Path

from dev.baseline import BaselineError
from dev.errors import ServerError
from dev.rehearse.errors import RehearsalError
from dev.rehearse.running import Options, run
from dev.upgrade.errors import UpgradeError
from dev.upgrade.terminal import replace_unencodable

DESCRIPTION = """\
Run the tests of the last release (the last tag, else the merge base) on the schema of the
migrations here, committed or not. Only the way forward is rehearsed.
"""


def main() -> None:
    """Run the command line; print a message, without a traceback, for each expected failure."""
    replace_unencodable()
    try:
        sys.exit(run(Path.cwd(), _read(sys.argv[1:])))
    except (BaselineError, RehearsalError, ServerError, UpgradeError) as error:
        sys.exit(str(error))


def _read(words: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="poe rehearse", description=DESCRIPTION)
    parser.add_argument("--base", metavar="REV", help="run the tests of this commit")
    parser.add_argument(
        "--ignore", metavar="PATH", action="append", default=[], help="leave out these tests"
    )
    parser.add_argument(
        "--current-packages",
        action="store_true",
        help="use the packages of now, if those of the release differ and cannot be installed",
    )
    given = parser.parse_args(words)
    return Options(given.base, given.ignore, given.current_packages)
