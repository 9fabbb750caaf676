"""`# safe: reason` excuses the statement at which it stands, or unindented, the whole revision."""

import pytest

from dev.revisions.findings import Finding, find_reason

SOURCE = '''\
"""A revision."""
{top}
from alembic import op


def upgrade() -> None:
    op.drop_table("others")
    {above}
    op.drop_table(  {inside}
        "notes",
    )  {end}
    {below}
'''


@pytest.mark.parametrize("place", ["top", "above", "inside", "end"])
@pytest.mark.parametrize("line", [9, 10])
def test_a_reason_at_the_statement_or_for_the_revision_is_found(place: str, line: int) -> None:
    places = dict.fromkeys(["top", "above", "inside", "end", "below"], "# a comment")
    source = SOURCE.format(**places | {place: "# safe: no release reads them"})

    assert find_reason(source, line) == "no release reads them"


def test_a_reason_at_another_statement_is_not_used() -> None:
    places = dict.fromkeys(["top", "above", "inside", "end"], "")
    source = SOURCE.format(**places, below="# safe: no release reads them")

    assert find_reason(source, 9) is None
    assert find_reason(source, 7) is None


def test_a_reason_above_a_block_is_for_its_statements() -> None:
    source = "# safe: small\nwith block():\n    first()\n    second()\n".replace("# ", "  # ")
    indented = "def upgrade():\n" + "".join(f"  {line}\n" for line in source.splitlines())

    assert find_reason(indented.replace("    # safe", "  # safe"), 5) == "small"


@pytest.mark.parametrize("comment", ["# safe:", "# safe:   "])
def test_an_empty_reason_excuses_nothing(comment: str) -> None:
    reason = find_reason(f"def upgrade():\n    drop()  {comment}\n", 2)
    finding = Finding("a.py", 2, "ban-drop-table", "it is used", reason)

    assert not finding.is_excused
    assert str(finding) == ("unsafe: a.py:2: ban-drop-table: it is used (`# safe:` needs a reason)")


def test_an_excused_finding_shows_its_reason() -> None:
    finding = Finding("a.py", 2, "ban-drop-table", "it is used", "no release reads it")

    assert finding.is_excused
    assert str(finding) == "safe: a.py:2: ban-drop-table: no release reads it"
