"""A plugin of pytest: appends findings as lines of JSON to the file that PROVE_FINDINGS names."""

import json
import os
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dev.prove.findings import Finding, Outcome

FILE = "PROVE_FINDINGS"
SECTION, ACCESS = "attacks", "access table"
LINES_OF_ASSERTION = 2


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of checks, and write findings in the first process only."""
    config.addinivalue_line("markers", "check(name): a check of `poe prove`")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Writer())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the findings of a test to its report, which xdist sends to the first process."""
    report = yield
    if report.when == "call" or not report.passed:
        error = call.excinfo.value if call.excinfo else None
        findings = [asdict(each) for each in _findings(item, report, error)]
        report.user_properties.append(("findings", json.dumps(findings)))
    return report


class Writer:
    """Writes the findings of each test."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Append the findings in a report to the file."""
        for name, value in report.user_properties:
            if name == "findings":
                with Path(os.environ[FILE]).open("a") as file:
                    file.write(f"{value}\n")


def _findings(
    item: pytest.Item, report: pytest.TestReport, error: BaseException | None
) -> list[Finding]:
    if item.get_closest_marker("skip"):  # the check applies to no operation
        return []
    mark = item.get_closest_marker("check")
    check = str(mark.args[0]) if mark else ACCESS
    outcome, details = _outcome(report, error)
    return [
        Finding(SECTION, check, _subject(item), outcome, detail, report.duration)
        for detail in details
    ]


def _subject(item: pytest.Item) -> str:
    callspec: Any = getattr(item, "callspec", None)
    operation = callspec.params.get("operation") if callspec else None
    return str(getattr(operation, "name", operation or "tests/access"))


def _outcome(report: pytest.TestReport, error: BaseException | None) -> tuple[Outcome, list[str]]:
    """Return the outcome, and one detail for each finding."""
    if report.passed:
        return Outcome.PASSED, [""]
    if report.skipped:
        return Outcome.UNCOVERED, [str(error).removeprefix("Skipped: ")]
    if isinstance(error, pytest.fail.Exception):
        return Outcome.FAILED, str(error).splitlines()
    if isinstance(error, AssertionError):
        return Outcome.FAILED, ["; ".join(str(error).splitlines()[:LINES_OF_ASSERTION])]
    # No check may end unnoticed: the error may be the service's, and checks say what they skip.
    return Outcome.FAILED, [f"the check ended with {type(error).__name__}: {error}"]
