"""Breaking changes pass `poe contract` if the project's CHANGELOG.md announces them."""

import pytest

from dev.contract.changelog import added, announcements, is_announced, last_release, unreleased
from dev.contract.changes import Change, Place, Rule

REMOVED = Change(
    Rule.MEMBER_REMOVED, Place("GET /items", "response member", "items[].price"), "removed"
)
SAME = Change(
    Rule.MEMBER_REMOVED, Place("GET /lots", "response member", "items[].price"), "removed"
)
NULL = Change(Rule.NULL, Place("GET /items", "response member", "name"), "may now be null")
GONE = Change(Rule.OPERATION_REMOVED, Place("DELETE /items", "operation"), "removed")
RELEASED = """\
# Changelog

## Unreleased

### Changed

- `GET /items`: response
  member `name` may be null

## [1.1.0] - 2026-01-01

### Removed

- `DELETE /items`: operation removed

## 1.0.0

- The first version.
"""
RENDERED = "# Changelog\n\n## Unreleased\n\n- The first version.\n"


def announced(change: Change, text: str, released: str | None = "1.1.0") -> bool:
    return is_announced(change, [*announcements(unreleased(text, released))])


def test_entries_above_the_last_release_announce_changes() -> None:
    assert last_release(RELEASED) == "1.1.0"
    assert announced(NULL, RELEASED)
    assert not announced(REMOVED, RELEASED)
    assert not announced(GONE, RELEASED)


def test_entries_of_a_release_that_the_base_lacks_announce_changes() -> None:
    assert announced(GONE, RELEASED, "1.0.0")


def test_without_a_release_every_entry_announces_changes() -> None:
    assert last_release(RENDERED) is None
    assert announced(GONE, RELEASED, None)


@pytest.mark.parametrize(
    "text",
    [
        "### Added\n\n- `GET /items`: `items[].price` removed",
        "### Removed\n\n- `GET /items`: price removed",
        "### Removed\n\n- `GET /lots`: `items[].price` removed",
        "### Removed\n\n- `GET /items`: removed\n- `items[].price`",
        "- `GET /items`: `items[].price` removed",
        "### Removed\n\n### Added\n\n- `GET /items`: `items[].price` removed",
    ],
)
def test_other_entries_do_not_announce_a_change(text: str) -> None:
    assert not announced(REMOVED, f"# Changelog\n\n## Unreleased\n\n{text}\n")


@pytest.mark.parametrize("mark", ["-", "*", "+"])
@pytest.mark.parametrize("heading", ["Removed", "Changed"])
def test_an_entry_names_the_operation_and_the_member(mark: str, heading: str) -> None:
    text = f"## [Unreleased]\n\n### {heading}\n{mark} `GET /items` lost `items[].price`, see #12\n"

    assert announced(REMOVED, text, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Changelog\n",
        "# Changelog",
        RENDERED,
        RELEASED,
        "# Changelog\n\n## Unreleased\n\n### Removed\n\n- `GET /x`\n\n### Changed\n\n- `GET /y`\n",
        "# Changelog\n\n## 1.1.0\n\n- Old.\n",
        "# Changelog\n\n## Unreleased\n\n### Changed\n",
    ],
)
def test_added_entries_announce_the_changes_and_no_line_is_lost(text: str) -> None:
    changes = [REMOVED, SAME, NULL, GONE]
    result = added(text, changes)

    assert all(announced(change, result) for change in changes)
    assert [line for line in text.splitlines() if line not in result.splitlines()] == []
    assert "\n\n\n" not in result
    assert result.endswith("\n")
    assert not result.endswith("\n\n")


def test_added_entries_stand_below_their_headings() -> None:
    assert added(RELEASED, [REMOVED, SAME, NULL]).startswith("""\
# Changelog

## Unreleased

### Changed

- `GET /items`: response
  member `name` may be null
- `GET /items`: response member `name` may now be null

### Removed

- `GET /items`, `GET /lots`: response member `items[].price` removed

## [1.1.0] - 2026-01-01
""")
