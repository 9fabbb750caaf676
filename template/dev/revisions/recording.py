"""Records the statements that a revision runs, with their lines and transactions."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, event

AUTOCOMMIT = "AUTOCOMMIT"
VERSION_CHANGE = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (\S+\.)?alembic_version\b")
TYPE_CHANGE = re.compile(r"\bALTER\b.*\bTYPE\b", re.IGNORECASE | re.DOTALL)
# The storage of all tables and indexes. It changes if PostgreSQL rewrites one.
STORAGE = """
SELECT pg_relation_filenode(oid) FROM pg_class
WHERE relkind IN ('r', 'i', 'm') AND relnamespace <> 'pg_catalog'::regnamespace
"""


class InterruptedRevision(Exception):  # noqa: N818 - it is no error
    """A revision was ended before its last commit."""


@dataclass
class Statement:
    """A statement, its line in the revision, and its transaction; `None` if it has none."""

    sql: str
    line: int
    transaction: int | None
    rewrites: bool = True


class Recorder:
    """Records the statements of the revision in a file while it runs."""

    def __init__(self, file: str) -> None:
        self.statements: list[Statement] = []
        self.commits = 0
        self._file = file
        self._storage: set[int] = set()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record within the context, and end the revision before its last commit."""
        listeners: dict[str, Callable[..., None]] = {
            "before_cursor_execute": self._before,
            "after_cursor_execute": self._after,
            "commit": self._committed,
        }
        for name, listener in listeners.items():
            event.listen(Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                event.remove(Engine, name, listener)

    def _before(self, connection: Connection, _cursor: object, sql: str, *_: object) -> None:
        if VERSION_CHANGE.match(sql):
            raise InterruptedRevision
        if (line := self._line()) is None:
            return
        is_alone = connection.get_execution_options().get("isolation_level") == AUTOCOMMIT
        self.statements.append(Statement(sql, line, None if is_alone else self.commits))
        if TYPE_CHANGE.search(sql):
            self._storage = _read_storage(connection)

    def _after(self, connection: Connection, _cursor: object, sql: str, *_: object) -> None:
        if self._storage and self.statements[-1].sql == sql:
            self.statements[-1].rewrites = not self._storage <= _read_storage(connection)
            self._storage = set()

    def _committed(self, _: Connection) -> None:
        self.commits += 1

    def _line(self) -> int | None:
        """Return the line of the revision that runs now; `None` if no code of it is running."""
        frame = sys._getframe()
        while frame.f_back:
            frame = frame.f_back
            if frame.f_code.co_filename == self._file:
                return frame.f_lineno
        return None


def _read_storage(connection: Connection) -> set[int]:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(STORAGE)
        return {row[0] for row in cursor.fetchall()}
    finally:
        cursor.close()
