"""Edits of owners in files that a release moves, and their paths after the move."""

import re
import runpy
from pathlib import Path

from tests.support.how_to_steps import insert
from tests.support.variants import ROOT

TABLE = runpy.run_path(str(ROOT / "upgrade/moves.py"))
MODULES: dict[str, str] = TABLE["MODULES"]
PACKAGES: dict[str, str] = TABLE["PACKAGES"]
FILES: dict[str, str] = TABLE["FILES"]
# How often one module can have moved until now.
MOST_TIMES = 5

COUNT = '''

async def count_sessions(session: AsyncSession, user_id: UUID) -> int:
    """Return how many sessions a user has had since this one."""
    opened = select(UserSession.id).where(UserSession.user_id == user_id)
    newer = opened.where(UserSession.id > uuid7())
    return len((await session.scalars(newer)).all())
'''
MIDDLEWARE = '''\
"""Which office a request comes from."""

from app.core.middleware.head import HeadMiddleware
from app.core.request_context import CONTEXT

OFFICE = (HeadMiddleware, CONTEXT)
'''
JOB = '''\
"""The jobs of the office."""

from app.jobs.queue import queries
from app.jobs.task import Task

OFFICE = (queries, Task)
'''
REPORT = '''\
"""Reports of what happened."""

from typing import TYPE_CHECKING

from app.core import pagination  # of a report
from app.services import session as session_service

if TYPE_CHECKING:
    from app.core.rate_limit import Hit

PARTS = (pagination, session_service)


def remaining(hit: "Hit") -> int:
    """Return how many more reports are allowed."""
    from app.core.audit import record  # noqa: PLC0415

    return hit.remaining + len(record.__name__)
'''
TEST = '''\
"""Reports."""

import pytest

from app.core.rate_limit import LONGEST_LIMIT, Hit
from app.services import report


def test_what_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.audit.record", dict)

    assert report.remaining(Hit(allowed=True, remaining=2, retry_after=0)) == 6
    assert LONGEST_LIMIT
'''
ADDED = {
    "src/app/core/middleware/office.py": MIDDLEWARE,
    "src/app/jobs/office.py": JOB,
    "src/app/services/report.py": REPORT,
    "tests/test_report.py": TEST,
}
LIMIT = "LONGEST_LIMIT = 200  # characters\n\n\n"
SESSION = "src/app/services/session.py"
LIMITER = "src/app/core/rate_limit.py"
# Lines that name a moved module otherwise than by its whole name, or a renamed class.
RENAMED = {
    "from app.core.db.base import Row": "from app.core.db.base import Record as Row",
    "from app.core import pagination  # of a report": (
        "from app.core.lists import cursors as pagination  # of a report"
    ),
    "from app.services import session as session_service": (
        "from app.services.accounts import sessions as session_service"
    ),
}
DOTTED = re.compile(r"\b(?:app|tests)(?:\.\w+)+")


def edit_moved_files(folder: Path) -> None:
    """Edit two files that move, and add some that name what moves, where the project has it."""
    times = next(
        each for each in range(MOST_TIMES) if (folder / moved_path(SESSION, each)).exists()
    )
    for path, text in ADDED.items():
        file = folder / moved_path(path, times)
        if file.parent.exists():
            file.write_text(new_text(text, times), "utf-8")
    sessions, limiter = (folder / moved_path(path, times) for path in (SESSION, LIMITER))
    with sessions.open("a", encoding="utf-8") as service:
        service.write(COUNT)
    place, added = (
        new_text(line, times)
        for line in ("from app.core.opaque_tokens import", "from app.core.ids import uuid7\n")
    )
    insert(sessions, place, added)
    insert(limiter, "@dataclass(frozen=True, slots=True)\nclass Hit", LIMIT)


def moved_path(path: str, times: int = MOST_TIMES) -> str:
    """Return the path that a file has after so many releases that moved it."""
    source = "src/" * path.startswith("src/")
    dotted, suffix = re.fullmatch(r"(?:src/)?([^.]*)(.*)", path).groups()  # type: ignore[union-attr]
    for _ in range(times):
        dotted = _new_name(dotted.replace("/", ".")).replace(".", "/")
    return FILES.get(path) or source + dotted + suffix


def new_path(folder: Path, path: str) -> Path:
    """Return where a file is now; what an owner added to a package may still be there."""
    moved = folder / moved_path(path)
    return moved if moved.exists() else folder / path


def new_text(text: str, times: int = MOST_TIMES) -> str:
    """Return what the lines of an owner are after so many releases that moved modules."""
    for _ in range(times):
        lines = (RENAMED.get(line, line) for line in text.split("\n"))
        text = DOTTED.sub(lambda found: _new_name(found[0]), "\n".join(lines))
    return text


def _new_name(dotted: str) -> str:
    parts = dotted.split(".")
    for length in range(len(parts), 1, -1):
        if new := MODULES.get(".".join(parts[:length])):
            return ".".join([new, *parts[length:]])
    return PACKAGES.get(dotted, dotted)
