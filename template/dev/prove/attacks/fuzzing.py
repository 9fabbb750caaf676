"""Runs schemathesis over every operation of the started service, as all roles at the same time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.main import create_app
from dev.prove.attacks.fuzzing_reports import (
    CHECK,
    EVERY,
    JUNIT,
    REPORT,
    REPORTS,
    read_findings,
)
from dev.prove.attacks.recording import SECTION
from dev.prove.findings import Finding, Outcome
from dev.prove.population import settings_of
from dev.prove.sections import NO_TIME
from dev.prove.service import ProvedService, proved_service
from tests.clients import PASSWORD

FOLDER = Path(__file__).parent
CONFIGURATION = FOLDER / "schemathesis.toml"
ROLES = ("anonymous", "user", "administrator")
SETTINGS = {"RATE_LIMIT_ENABLED": "false"}
# The seconds that an example takes: its requests as all roles, on a busy machine.
SECONDS_PER_EXAMPLE = 0.15
FEWEST, MOST = 1, 50
STOP_SECONDS = 30
LAST_LINES = 5


def run_fuzzing(
    deadline: float, configuration: Path = CONFIGURATION, most_examples: int = MOST
) -> Generator[Finding]:
    """Yield a finding for each operation and role; stop at the deadline."""
    with (
        proved_service(Path.cwd(), SETTINGS) as service,
        TemporaryDirectory() as temporary,
        ExitStack() as processes,
    ):
        schema = Path(temporary, "openapi.json")
        schema.write_text(json.dumps(create_app(settings_of(service)).openapi()), "utf-8")
        operations = _operations(schema)
        seconds = max(deadline - time.monotonic(), 0)
        examples = int(seconds / len(operations) / SECONDS_PER_EXAMPLE)
        command = _command(service, schema, configuration)
        command += ["--max-examples", str(min(max(examples, FEWEST), most_examples))]
        started = {
            role: processes.enter_context(_process(command, Path(temporary, role), service, role))
            for role in ROLES
        }
        for role, process in started.items():
            is_late = _wait(process, deadline)
            yield from _findings(Path(temporary, role), operations, role, is_late=is_late)
        yield from _logged(service)


def _findings(
    folder: Path, operations: list[str], role: str, *, is_late: bool
) -> Iterator[Finding]:
    if all((folder / name).exists() for name in REPORTS):
        yield from read_findings(folder, operations, role)
    elif is_late:
        yield Finding(SECTION, CHECK, EVERY, Outcome.UNCOVERED, f"as {role}: {NO_TIME}")
    else:
        said = (folder / "log").read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
        why = f"as {role}: schemathesis ended without a report: {' '.join(said)}"
        yield Finding(SECTION, CHECK, EVERY, Outcome.FAILED, why)


def _operations(schema: Path) -> list[str]:
    paths = json.loads(schema.read_text("utf-8"))["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


def _command(service: ProvedService, schema: Path, configuration: Path) -> list[str]:
    return [
        str(Path(sys.executable).parent / "schemathesis"),
        *("--config-file", str(configuration), "run", str(schema), "--no-color"),
        *("--url", f"http://127.0.0.1:{service.port}"),
        *("--report", "junit,json", "--report-junit-path", JUNIT, "--report-json-path", REPORT),
    ]


def _logged(service: ProvedService) -> Iterator[Finding]:
    """Yield findings about the log: unexpected errors, also those without a 5xx, and passwords."""
    lines = service.log().splitlines()
    for check, word in (("unexpected errors", "unexpected_error"), ("secrets in logs", PASSWORD)):
        found = [line for line in lines if word in line]
        outcome = Outcome.FAILED if found else Outcome.PASSED
        detail = f"{len(found)} lines contain {word}\n{found[0]}" if found else ""
        yield Finding(SECTION, check, "the log during fuzzing", outcome, detail)


def _environ(service: ProvedService, role: str) -> dict[str, str]:
    project = str(service.project)
    return service.environ | {
        "PYTHONPATH": os.pathsep.join([f"{project}/src", project]),
        "SCHEMATHESIS_HOOKS": str(FOLDER / "fuzzing_hooks.py"),
        "FUZZED_URL": f"http://127.0.0.1:{service.port}",
        "FUZZED_AS": role,
    }


@contextmanager
def _process(
    command: list[str], folder: Path, service: ProvedService, role: str
) -> Iterator["subprocess.Popen[bytes]"]:
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environ(service, role),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """Wait until a run ends, or end it at the deadline; return whether it was late."""
    try:
        process.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    else:
        return False
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return True
