"""The tables and indexes that a revision creates itself: nothing uses them yet."""

import re
from collections.abc import Sequence

from dev.revisions.recording import Statement

NAME = r'((?:(?:"[^"]+"|\w+)\.)?(?:"[^"]+"|\w+))'
TABLE = re.compile(rf"\s*CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?{NAME}", re.IGNORECASE)
INDEX = re.compile(
    rf"\s*CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?{NAME} ON", re.IGNORECASE
)
CHANGED = re.compile(
    rf"\s*(?:(?:ALTER|DROP) TABLE|(?:ALTER|DROP) INDEX|TRUNCATE(?: TABLE)?"
    rf"|CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?(?:{NAME[1:-1]} )?ON)"
    rf" (?:CONCURRENTLY )?(?:IF EXISTS )?(?:ONLY )?{NAME}",
    re.IGNORECASE,
)


def changes_only_created(statement: Statement, statements: Sequence[Statement]) -> bool:
    """Return whether a statement changes a table or an index that an earlier one has created."""
    changed = CHANGED.match(statement.sql)
    earlier = statements[: statements.index(statement)]
    return changed is not None and _plain(changed[1]) in {
        _plain(match[1])
        for each in earlier
        for pattern in (TABLE, INDEX)
        if (match := pattern.match(each.sql))
    }


def _plain(name: str) -> str:
    """Return a name without quotes and without the default schema."""
    return name.replace('"', "").lower().removeprefix("public.")
