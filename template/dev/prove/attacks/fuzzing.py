"""Runs schemathesis over every operation of the started service, as every role."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any
from xml.etree import ElementTree as ET

from app.main import create_app
from dev.prove.attacks.recording import SECTION
from dev.prove.findings import Finding, Outcome
from dev.prove.population import settings_of
from dev.prove.service import ProvedService, proved_service
from tests.access.test_access import ROWS

FOLDER = Path(__file__).parent
ROLES = ("anonymous", "user", "administrator")
# The role in `tests/access` with the same rights.
ACCESS = {"anonymous": "anonymous", "user": "owner", "administrator": "administrator"}
LOWEST_ERROR = 400
CHECK = "fuzzing"
SETTINGS = {"RATE_LIMIT_ENABLED": "false"}
# The seconds that an example takes: its requests, on a busy machine.
SECONDS_PER_EXAMPLE = 0.15
FEWEST, MOST = 1, 50
LAST_LINES = 5
REPORT, JUNIT = REPORTS = ("report.json", "junit.xml")


def run_fuzzing(deadline: float) -> Generator[Finding]:
    """Yield a finding for each operation and role; stop at the deadline."""
    with proved_service(Path.cwd(), SETTINGS) as service, TemporaryDirectory() as folder:
        description = create_app(settings_of(service)).openapi()
        schema = Path(folder, "openapi.json")
        schema.write_text(json.dumps(description), "utf-8")
        for number, role in enumerate(ROLES):
            seconds = (deadline - time.monotonic()) / (len(ROLES) - number)
            if seconds <= 0:
                why = "no time is left: choose more with --minutes"
                yield Finding(SECTION, CHECK, f"every operation as {role}", Outcome.UNCOVERED, why)
                continue
            yield from _fuzz(service, schema, role, seconds)
        yield from _logged(service)


def _fuzz(service: ProvedService, schema: Path, role: str, seconds: float) -> Iterator[Finding]:
    for name in REPORTS:
        (schema.parent / name).unlink(missing_ok=True)
    operations = _operations(schema)
    examples = int(seconds / len(operations) / SECONDS_PER_EXAMPLE)
    command = _command(service, schema, min(max(examples, FEWEST), MOST))
    with _process(command, schema.parent, _environ(service, role)) as process:
        timer = Timer(seconds, process.send_signal, [signal.SIGINT])
        timer.start()
        process.wait()
        timer.cancel()
    if all((schema.parent / name).exists() for name in REPORTS):
        yield from read_findings(schema.parent, operations, role)
    else:
        said = (schema.parent / "log").read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
        why = f"schemathesis ended without a report: {' '.join(said)}"
        yield Finding(SECTION, CHECK, f"every operation as {role}", Outcome.FAILED, why)


def read_findings(folder: Path, operations: list[str], role: str) -> Iterator[Finding]:
    """Yield the findings in the reports of a run: one for each operation, or each failure."""
    cases = {case.attrib["name"]: case for case in ET.parse(folder / JUNIT).iter("testcase")}  # noqa: S314 - our own
    report: dict[str, Any] = json.loads((folder / REPORT).read_text("utf-8"))
    failures: dict[str, list[str]] = {}
    for failure in report["failures"]:
        for operation in failure["operations"]:
            failures.setdefault(operation, []).append(failure["title"])
    for operation in [*operations, *(failures.keys() - {*operations})]:
        case = cases.get(operation)
        seconds = float(case.attrib["time"]) if case is not None else 0
        said = [] if case is None else [each.get("message", "") for each in case.iter("failure")]
        for title in failures.get(operation, []):
            detail = f"as {role}: {title}\n{' '.join(said)}".strip()
            yield Finding(SECTION, CHECK, operation, Outcome.FAILED, detail, seconds)
        if operation not in failures:
            is_tested = case is not None and case.find("skipped") is None
            rates = report["valid_rates"].get(operation, {}) if is_tested else None
            ending = _without_failure(operation, rates, role)
            yield Finding(SECTION, CHECK, operation, *ending, seconds)


def _without_failure(
    operation: str, rates: Mapping[str, Mapping[str, int]] | None, role: str
) -> tuple[Outcome, str]:
    row = ROWS.get(operation)
    accepts = row is not None and row.access.status(ACCESS[role]) < LOWEST_ERROR
    if rates is None:
        return Outcome.UNCOVERED, f"as {role}: the time ended before it was tested"
    if accepts and not any(rate["accepted"] for rate in rates.values()):
        return Outcome.UNCOVERED, f"as {role}: no generated request was accepted"
    return Outcome.PASSED, f"as {role}"


def _operations(schema: Path) -> list[str]:
    paths = json.loads(schema.read_text("utf-8"))["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


def _command(service: ProvedService, schema: Path, examples: int) -> list[str]:
    return [
        str(Path(sys.executable).parent / "schemathesis"),
        *("--config-file", str(FOLDER / "schemathesis.toml"), "run", str(schema), "--no-color"),
        *("--url", f"http://127.0.0.1:{service.port}", "--max-examples", str(examples)),
        *("--report", "junit,json", "--report-junit-path", JUNIT, "--report-json-path", REPORT),
    ]


def _logged(service: ProvedService) -> Iterator[Finding]:
    """Yield a finding if the service has logged an unexpected error, also one without a 5xx."""
    lines = (service.folder / "log").read_text("utf-8", "replace").splitlines()
    errors = [line for line in lines if "unexpected_error" in line]
    outcome = Outcome.FAILED if errors else Outcome.PASSED
    detail = f"{len(errors)} unexpected errors are logged\n{errors[0]}" if errors else ""
    yield Finding(SECTION, "unexpected errors", "the log during fuzzing", outcome, detail)


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
    command: list[str], folder: Path, environ: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
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
