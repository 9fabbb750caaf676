"""Runs the checks with pytest on two processes, on servers of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

from dev.postgres import EmbeddedPostgres
from dev.prove.attacks.recording import FILE, SECTION
from dev.prove.findings import Finding, Outcome
from dev.prove.sections import NO_TIME
from dev.valkey import EmbeddedValkey

FOLDER = Path(__file__).parent
PLUGINS = ("-p", "tests.conftest", "-p", "dev.prove.attacks.recording")
PARALLEL = ("--numprocesses", "2", "--dist", "worksteal")
OPTIONS = (
    *("-q", "--tb=short", "-p", "no:cacheprovider", "--rootdir", ".", "-c", "pyproject.toml"),
    # The project's own tests never collect these.
    *("-o", "python_files=check_*.py"),
)
ENDED, TESTS_FAILED = 0, 1
STOP_SECONDS = 10
LAST_LINES = 5


def run_checks(deadline: float) -> Generator[Finding]:
    """Yield the findings of all checks as they come; stop at the deadline."""
    with TemporaryDirectory(prefix="prove-") as folder, _servers() as environ:
        log = Path(folder, "log")
        reading, writing = os.pipe()
        with (
            os.fdopen(reading, encoding="utf-8") as lines,
            _pytest(log, writing, environ) as process,
        ):
            os.close(writing)
            timer = Timer(max(deadline - time.monotonic(), 0), _stop, [process])
            timer.start()
            try:
                for line in lines:
                    yield from (_finding(each) for each in json.loads(line))
            finally:
                timer.cancel()
            code = process.wait()
        yield from _ending(code, time.monotonic() >= deadline, log)


@contextmanager
def _servers() -> Iterator[dict[str, str]]:
    """Yield an environment whose servers both processes of pytest share."""
    with EmbeddedPostgres() as database, EmbeddedValkey() as valkey:
        yield os.environ | {"TEST_DATABASE_URL": database.url(), "REDIS_URL": valkey.url}


@contextmanager
def _pytest(
    log: Path, descriptor: int, environ: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "pytest", *PLUGINS, *PARALLEL, *OPTIONS, str(FOLDER)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=environ | {FILE: f"/dev/fd/{descriptor}"},
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C must not reach it before this process stops it
        )
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Interrupt pytest and its workers; kill them if they do not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _finding(values: dict[str, str]) -> Finding:
    return Finding(
        section=values["section"],
        check=values["check"],
        subject=values["subject"],
        outcome=Outcome(values["outcome"]),
        detail=values["detail"],
        seconds=float(values["seconds"]),
    )


def _ending(code: int, is_late: bool, log: Path) -> Iterator[Finding]:
    """Yield a finding if pytest did not run all checks."""
    if is_late and code not in {ENDED, TESTS_FAILED}:
        yield Finding(SECTION, "run", "the remaining checks", Outcome.UNCOVERED, NO_TIME)
    elif code not in {ENDED, TESTS_FAILED}:
        said = log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
        why = f"pytest ended with exit code {code}: {' '.join(said)}"
        yield Finding(SECTION, "run", "the checks", Outcome.FAILED, why)
