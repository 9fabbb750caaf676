"""Fixtures for tests of the development servers."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from dev.locks import lock_at_once
from tests.in_project.dev.copied_project import FAKE_PYTHON, CopiedProject, copy_project
from tests.in_project.dev.processes import eventually
from tests.in_project.dev.resource_owner import RECIPE, ResourceOwner

APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
"""
CLI = """
def main():
    print("Migrated.")
"""


@pytest.fixture(autouse=True)
def _name_no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEST_DATABASE_URL", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a space in its name. If root runs the tests, PostgreSQL's user can enter it."""
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)
        folder = Path(parent).resolve() / "a folder"
        folder.mkdir()
        yield folder
        wait_for_servers(folder)


@pytest.fixture(scope="package")
def project() -> Iterator[Path]:
    """A small service; shared, because its PostgreSQL takes a second to create."""
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)
        project = Path(parent).resolve() / "my project"
        package = project / "src/app"
        package.mkdir(parents=True)
        for module, code in {"__init__": "", "main": APP, "cli": CLI}.items():
            (package / f"{module}.py").write_text(code)
        yield project
        wait_for_servers(project)


@pytest.fixture
def copied(folder: Path) -> CopiedProject:
    """A copy of this project with a fake Python, which skips slow programs."""
    fake = folder / "python"
    fake.write_text(FAKE_PYTHON)
    fake.chmod(0o755)
    return CopiedProject(copy_project(folder / "project"), fake)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a generated resource."""
    owner = ResourceOwner(copy_project(tmp_path_factory.mktemp("generated") / "project"))
    owner.git("init", "--quiet")
    owner.resource(*RECIPE)
    owner.commit()
    return owner.folder


@pytest.fixture
def owner(generated: Path, tmp_path: Path) -> ResourceOwner:
    shutil.copytree(generated, tmp_path / "my project")
    return ResourceOwner(tmp_path / "my project")


def wait_for_servers(folder: Path) -> None:
    """Wait until the servers in a folder have stopped, because they write files until then."""
    for path in folder.rglob("server.lock"):
        with path.open("a") as lock:
            assert eventually(partial(lock_at_once, lock)), path
