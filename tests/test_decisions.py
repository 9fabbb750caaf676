"""The decision records: their numbers, dates and statuses."""

import re

import pytest

from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

FOLDER = ROOT / "docs/explanation/decisions"
DECISIONS = sorted(FOLDER.glob("*.md"))
OTHER = r"\[decision (\d+)\]\((\d{4})-[\w-]+\.md\)"
STATUS = rf"(?:accepted(?:, amended by {OTHER})?|superseded by {OTHER})"
HEAD = rf"# (\d+)\. .+\n\nDate: \d{{4}}-\d\d-\d\d · Status: {STATUS}\n"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("number", range(1, len(DECISIONS) + 1))
def test_a_decision_has_a_date_and_a_status(number: int) -> None:
    head = re.match(HEAD, DECISIONS[number - 1].read_text("utf-8"))

    assert head
    own, *others = (int(each) for each in head.groups() if each)
    assert own == number
    assert others in ([], [*others[:1], *others[:1]])  # the name and the file of a later decision
    assert all(other > number for other in others)
