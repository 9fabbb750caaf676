"""Adoption of an existing project, which keeps its routes, rows and history."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest
import requests

from tests.support.adoption import move_by_hand
from tests.support.documented_commands import (
    CHECK_MOVED,
    MOVE,
    RENDER_OVER,
    TAKE,
    TRY_ON_DATA,
)
from tests.support.processes import commit, run, uv
from tests.support.services import Install, Service
from tests.support.started_service import wait_for
from tests.support.terminal_user import Person
from tests.support.variants import ROOT

EXISTING = ROOT / "tests/existing"
OLD = "uv run --no-project --isolated --with-requirements requirements.txt"
OLD_HEAD = "b7e4f0a91c2d"
# The bcrypt hash of "open sesame".
PASSWORD_HASH = "$2b$04$U.I4E7EZi79R9kf8SaZKqerzdbwEs7iLOOumENBPRM7c9wbYdAHsa"
ADD_USER = f"""\
from app.database import SessionLocal
from app.models import User
with SessionLocal.begin() as db:
    db.add(User(email="mara@example.com", password_hash="{PASSWORD_HASH}"))
"""
BOOKS = [
    {"title": "The Waves", "price": "9.9", "author": "Virginia Woolf"},
    {"title": "Orlando", "price": "12.00", "author": "Virginia Woolf"},
    {"title": "Frankenstein", "price": "7", "author": "Mary Shelley"},
]
PATHS = ["/", "/authors", "/books", "/books/1", "/books/3"]

# One pytest worker installs the service.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


@pytest.fixture
def reader(tmp_path: Path, commands: str, releases: Path) -> Iterator[Person]:
    """Return a user with an existing project, who follows the how-to."""
    reader = Person(tmp_path, commands, releases)
    shutil.copytree(EXISTING, tmp_path / "bookshop")
    run("git", "init", "-q", cwd=tmp_path / "bookshop")
    commit(tmp_path / "bookshop", "Bookshop")
    yield reader
    for terminal in reader.terminals:
        terminal.close(force=True)


@pytest.fixture
def database_url(install: Install) -> Iterator[str]:
    """Return the URL of an empty database."""
    service: Service = install()
    holding = ["python", "-m", "dev", "sh", "-c", "echo $DATABASE_URL; cat"]
    with subprocess.Popen(
        [uv(), "run", "--exact", "-q", *holding],
        cwd=service.folder,
        env=service.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        yield holder.stdout.readline().strip()
        holder.communicate()


@contextmanager
def served(
    reader: Person, line: str, folder: str, port: int
) -> Iterator[Callable[..., tuple[int, Any]]]:
    """Serve a project; yield a function that calls it and returns the status and the JSON."""

    def call(path: str, sent: object = None, form: dict[str, str] | None = None) -> tuple[int, Any]:
        method = "POST" if sent or form else "GET"
        url = f"http://127.0.0.1:{port}{path}"
        answer = requests.request(method, url, json=sent, data=form, timeout=30)
        return answer.status_code, answer.json()

    def is_up() -> bool:
        try:
            return bool(call("/"))
        except requests.ConnectionError:
            return False

    server = reader.starts(f"{line} --port {port}", folder)
    wait_for(is_up, "The project does not serve.")
    yield call
    server.sendintr()
    server.expect(pexpect.EOF)


def test_an_adopted_project_preserves_its_routes_and_rows_and_can_be_updated(
    reader: Person, database_url: str, port: int
) -> None:
    before = serve_the_old(reader, database_url, port)
    project = reader.folder / "bookshop-adopted"
    render_over(reader)
    reader.types(MOVE, project.name)
    move_by_hand(project)
    reader.types(CHECK_MOVED, project.name)

    try_on_data(reader, database_url, port, before)
    reader.types(TAKE, project.name)
    assert not project.exists()
    undo(reader, database_url, port, before)

    reader.types("uvx copier update --defaults", "bookshop")
    changed = run("git", "status", "--porcelain", cwd=reader.folder / "bookshop").splitlines()
    assert sorted(changed) == [" M .copier-answers.yml", " M AGENTS.md"]


def serve_the_old(reader: Person, database_url: str, port: int) -> dict[str, object]:
    """Serve the original project and add data to it; return its responses."""
    environment = f"DATABASE_URL={database_url} "
    reader.types(f"{environment}{OLD} alembic upgrade head", "bookshop")
    reader.types(f"{environment}{OLD} python -c '{ADD_USER}'", "bookshop")
    line = f"env {environment}{OLD} uvicorn app.main:app"
    with served(reader, line, "bookshop", port) as call:
        for book in BOOKS:
            call("/books", book)
        return {path: call(path) for path in PATHS}


def render_over(reader: Person) -> None:
    """Render the first release over the project; check which of its files are overwritten."""
    render = RENDER_OVER.replace("copier copy", "copier copy -r v1.0.0")
    said = reader.types(render, "bookshop")
    theirs = {*said.splitlines()} & {
        path.relative_to(EXISTING).as_posix() for path in EXISTING.rglob("*")
    }
    assert theirs == {".gitignore", "Dockerfile", "README.md", "alembic.ini", "tests/conftest.py"}
    for name in ("README.md", ".gitignore"):
        path = reader.folder / "bookshop-adopted" / name
        path.write_text(f"{(EXISTING / name).read_text()}\n{path.read_text()}")
    docs = reader.folder / "bookshop-adopted/docs"
    assert {path.name for path in docs.iterdir()} == {"index.md", "service"}
    assert (docs / "index.md").read_text() == (EXISTING / "docs/index.md").read_text()


def try_on_data(reader: Person, database_url: str, port: int, before: dict[str, object]) -> None:
    """Serve the adopted project with the old data; check the old and the new routes."""
    line = TRY_ON_DATA.strip().replace("postgresql://user:password@localhost/copy", database_url)
    with served(reader, f"env {line}", "bookshop-adopted", port) as call:
        assert {path: call(path) for path in PATHS} == before
        status, problem = call("/books/0")
        assert (status, problem["detail"]) == (404, "Book not found")
        login = {"username": "mara@example.com", "password": "open sesame"}
        status, _ = call("/api/v1/auth/token", form=login)
        assert status == 200
        status, added = call("/books", BOOKS[0] | {"title": "Flush"})
        assert (status, added["id"]) == (201, 4)
    # Autogenerate finds no difference between this database and a new one.
    check = f"DATABASE_URL={database_url} uv run python -m dev alembic check"
    assert "No new upgrade operations detected" in reader.types(check, "bookshop-adopted")


def undo(reader: Person, database_url: str, port: int, before: dict[str, object]) -> None:
    """Downgrade the database, and serve the original project."""
    environment = f"DATABASE_URL={database_url} "
    reader.types(f"{environment}uv run python -m dev alembic downgrade {OLD_HEAD}", "bookshop")
    old = reader.folder / "old"
    shutil.copytree(EXISTING, old)
    with served(reader, f"env {environment}{OLD} uvicorn app.main:app", "old", port) as call:
        assert call("/books/3") == before["/books/3"]
