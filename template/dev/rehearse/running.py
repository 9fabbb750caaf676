"""The steps of a rehearsal."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dev.baseline import Baseline
from dev.postgres import EmbeddedPostgres
from dev.rehearse.errors import RehearsalError
from dev.rehearse.packages import python_of
from dev.rehearse.release import checked_out, find_release
from dev.rehearse.schema import mark_as_run, migrate
from dev.resource.progress import Progress
from dev.revisions.new import new_revisions
from dev.upgrade.terminal import say

# They compare the schema with the models, or run revisions.
LEFT_OUT = ("tests/test_migrations.py",)
# The servers of the developer, or libraries of the new version.
FOREIGN = ("DATABASE_URL", "PYTHONPATH", "VIRTUAL_ENV")
NO_TESTS = 5
END_SECONDS = 10
NO_RELEASE = (
    "Nothing was rehearsed: Git has neither a tag nor a commit on a branch main to compare with"
    " (`git init --initial-branch=main`, then commit)."
)
NOTHING_NEW = "Nothing was rehearsed: no revision is new since {}."
PASSED = """\
The tests of {} pass on the new schema.
Only this way is rehearsed: going back, with alembic downgrade, is not promised."""
FAILED = """\
unsafe: the tests of {} fail on the new schema, on which that version runs during a rollout.
Change the schema in steps: docs/service/how-to/change-a-table-without-downtime.md"""


@dataclass(frozen=True)
class Options:
    """The commit to rehearse, the tests to leave out, and whose packages to use."""

    base: str | None = None
    ignored: Sequence[str] = ()
    current_packages: bool = False


def run(project: Path, options: Options) -> int:
    """Run the tests of the last release on the schema of a project, and return the exit code.

    The project must be the current folder. Raise `RehearsalError`, `BaselineError`, `ServerError`
    or `UpgradeError` with a message that says what to do.
    """
    release = find_release(project, options.base)
    if release is None:
        say(NO_RELEASE)
        return 0
    if not new_revisions(project, release):
        say(NOTHING_NEW.format(release.description))
        return 0
    with checked_out(release) as tree:
        return _rehearse(release, tree, options)


def _rehearse(release: Baseline, tree: Path, options: Options) -> int:
    progress = Progress()
    with progress.step(f"Preparing the packages of {release.description}"):
        python = sys.executable if options.current_packages else python_of(release, tree)
    with EmbeddedPostgres() as server:
        with progress.step("Migrating a database to the new schema"):
            migrate(server.url("template1"))
        mark_as_run(tree)
        say(f"Running the tests of {release.description} ...")
        code = _run_tests(python, tree, server.url(), options.ignored)
    if code == NO_TESTS:
        raise RehearsalError(f"{release.description} has no tests in tests/.".capitalize())
    say((FAILED if code else PASSED).format(release.description))
    return 1 if code else 0


def _run_tests(python: str, tree: Path, url: str, ignored: Sequence[str]) -> int:
    """Run the tests and return their exit code; end them if this process is interrupted."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    process = subprocess.Popen(
        [
            *(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"),
            *("--numprocesses=2", "--dist=worksteal"),
            *(f"--ignore={each}" for each in (*LEFT_OUT, *ignored)),
        ],
        cwd=tree,
        env=kept | {"TEST_DATABASE_URL": url, "PYTHONPATH": "src", "PYTHONSAFEPATH": ""},
        process_group=0,
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The group includes the processes of pytest, which outlive the first one for many seconds.
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
