"""Reads the reports of schemathesis into findings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from dev.prove.attacks.fuzzing_callers import LOWEST_ERROR
from dev.prove.attacks.recording import SECTION
from dev.prove.findings import Finding, Outcome
from dev.prove.sections import NO_TIME
from tests.access import Row
from tests.access.test_access import ROWS

CHECK = "fuzzing"
EVERY = "every operation"
REPORT, JUNIT = REPORTS = ("report.json", "junit.xml")
STATEFUL = "Stateful tests"
NOT_FOUND = 404


def read_findings(folder: Path, operations: Sequence[str], role: str) -> Iterator[Finding]:
    """Yield the findings of a run as a role: for each operation one, or one for each failure."""
    report: dict[str, Any] = json.loads((folder / REPORT).read_text("utf-8"))
    cases = {case.attrib["name"]: case for case in ET.parse(folder / JUNIT).iter("testcase")}  # noqa: S314 - our own
    failures = _failures(report, cases)
    for operation in [*operations, *(failures.keys() - {*operations})]:
        seconds = float(cases[operation].attrib["time"]) if operation in cases else 0
        for problem in failures.get(operation, []):
            detail = f"as {role}: {problem}"
            yield Finding(SECTION, CHECK, operation, Outcome.FAILED, detail, seconds)
        if operation not in failures:
            is_tested = operation in cases and cases[operation].find("skipped") is None
            rates = report["valid_rates"].get(operation, {}) if is_tested else None
            if ending := _without_failure(role, ROWS.get(operation), rates):
                yield Finding(SECTION, CHECK, operation, *ending, seconds)


def may_use(role: str, row: Row | None) -> bool:
    """Return whether a role may use an operation on rows of its own."""
    if row is None:
        return False
    if role != "administrator":
        return row.access.status({"user": "owner"}.get(role, role)) < LOWEST_ERROR
    status, as_owner = row.access.status(role), row.access.status("owner")
    return status < LOWEST_ERROR or (status == NOT_FOUND and as_owner < LOWEST_ERROR)


def _failures(report: Mapping[str, Any], cases: Mapping[str, ET.Element]) -> dict[str, list[str]]:
    """Return the failures and errors of each operation: the title, and the request."""
    found: dict[str, list[str]] = {}
    for failure in report["failures"]:
        for operation in failure["operations"]:
            places = [cases[name] for name in (operation, STATEFUL) if name in cases]
            texts = [each.text or "" for case in places for each in case.iter("failure")]
            problem = "\n".join(
                [failure["title"], *(each for each in texts if failure["title"] in each)]
            )
            found.setdefault(operation, []).append(problem)
    for name, case in cases.items():
        errors = dict.fromkeys(error.text or "" for error in case.iter("error"))
        if errors:
            found.setdefault(name, []).append(f"schemathesis ended with {' '.join(errors)}")
    if report["errors"] and not found:
        found[EVERY] = [each["title"] for each in report["errors"]]
    return found


def _without_failure(
    role: str, row: Row | None, rates: Mapping[str, Mapping[str, int]] | None
) -> tuple[Outcome, str] | None:
    """Return the outcome and its detail, or `None` if an unusable operation was not tested."""
    is_usable = may_use(role, row)
    if rates is None:
        why = f"as {role}: {NO_TIME}"
        return (Outcome.UNCOVERED, why) if is_usable else None
    accepted = sum(rate["accepted"] for rate in rates.values())
    total = sum(sum(rate.values()) for rate in rates.values())
    outcome = Outcome.UNCOVERED if is_usable and not accepted else Outcome.PASSED
    return outcome, f"as {role}: {accepted} of {total} valid requests were accepted"
