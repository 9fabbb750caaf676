"""The findings in the output of a gate that `poe prove` runs."""

import pytest

from dev.prove.findings import Finding, Outcome
from dev.prove.gates import read_failures

GATE = Finding("contract", "contract", "the project", Outcome.FAILED, seconds=2)
CHANGE = "breaking: GET /api/v1/items/{item_id}: response member price removed"
REVISION = "unsafe: migrations/versions/drop.py:18: ban-drop-column: the running version uses it"
ENVIRONMENT = "unsafe: migrations/env.py: it hides the error of a revision"


def pairs(*lines: str) -> list[tuple[str, str]]:
    return [(each.subject, each.detail) for each in read_failures(GATE, lines)]


@pytest.mark.parametrize(
    ("line", "subject", "detail"),
    [
        (CHANGE, "GET /api/v1/items/{item_id}", "response member price removed"),
        (
            REVISION,
            "migrations/versions/drop.py:18",
            "ban-drop-column: the running version uses it",
        ),
        (ENVIRONMENT, "migrations/env.py", "it hides the error of a revision"),
    ],
)
def test_a_finding_names_the_operation_or_the_file(line: str, subject: str, detail: str) -> None:
    assert pairs(line) == [(subject, detail)]


def test_all_other_lines_are_one_finding_that_begins_with_the_reason() -> None:
    failed = "unsafe: the tests of the tag v1 fail on the new schema"

    assert pairs("Migrating ... 2 s", CHANGE, "F.", failed) == [
        ("GET /api/v1/items/{item_id}", "response member price removed"),
        ("the project", f"{failed}\nMigrating ... 2 s\nF."),
    ]


def test_findings_of_a_gate_are_failures_with_its_seconds() -> None:
    [finding] = read_failures(GATE, [CHANGE])

    assert (
        finding.line
        == f"contract: {CHANGE.removeprefix('breaking: ').replace(': ', ': contract: ', 1)}"
    )
    assert (finding.outcome, finding.seconds) == (Outcome.FAILED, 2)
