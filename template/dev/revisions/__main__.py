"""`python -m dev.revisions`: checks the revisions that the base branch or the last tag lacks."""

import argparse
import signal
import sys
from pathlib import Path

from dev.baseline import BaselineError, find_baseline
from dev.errors import ServerError
from dev.interruption import interrupt_once
from dev.revisions.errors import RevisionError
from dev.revisions.new import has_new_environment, new_revisions
from dev.servers import postgres_server
from dev.upgrade.errors import UpgradeError
from dev.upgrade.terminal import replace_unencodable, say

DESCRIPTION = "Check that new revisions can run while the service is in use."
NOTHING_TO_COMPARE = (
    "No revision was checked: Git has neither a commit on a branch main nor a tag to compare with"
    " (`git init --initial-branch=main`, then commit)."
)


def main() -> None:
    """Run the command line; print a message, without a traceback, for each expected failure."""
    replace_unencodable()
    interrupt_once()
    parser = argparse.ArgumentParser(prog="python -m dev.revisions", description=DESCRIPTION)
    parser.add_argument("--base", metavar="REV", help="compare with this commit")
    arguments = parser.parse_args()
    try:
        sys.exit(run(Path.cwd(), arguments.base))
    except (BaselineError, RevisionError, ServerError, UpgradeError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def run(project: Path, base: str | None) -> int:
    """Check the new revisions of a project, and return the exit code."""
    baseline = find_baseline(project, base)
    if baseline is None:
        say(NOTHING_TO_COMPARE)
        return 0
    new = new_revisions(project, baseline)
    if not new and not has_new_environment(project, baseline):
        return 0
    from dev.revisions.checking import check, report  # noqa: PLC0415 - it imports much

    with postgres_server() as server:
        return report(check(server, new))


if __name__ == "__main__":
    main()
