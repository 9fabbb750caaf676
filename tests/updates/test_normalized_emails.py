"""A project with accounts gets the revision that normalizes their addresses, and runs it."""

import re
import shutil
from pathlib import Path

import pytest

import projects
from processes import commit
from releases import tries_all
from update_fixtures import Begin

ORIGIN = "v0.2.1"
TEST = "tests/test_normalized_emails.py"
WAYS = ["upgrade", *["copier"] * tries_all()]


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=pytest.mark.xdist_group(f"emails-{way}")) for way in WAYS]
)
def test_accounts_are_taken_over_by_the_projects_own_revision(begin: Begin, way: str) -> None:
    service = begin(ORIGIN, {})
    service.run("poe", "migrate")
    [made] = projects.use(service)
    commit(service.folder, "Lock")

    if way == "copier":
        assert projects.update(service.folder) == set()
        projects.lock(service)
        projects.take_over_the_models(service)
    else:
        projects.upgrade(service)
        service.run("poe", "migrate")

    check_the_revision(service.folder)
    assert projects.use(service, made) == ["Tea"]
    shutil.copy(projects.SCRIPTS / "normalized_emails.py", service.folder / TEST)
    assert " passed" in service.run("pytest", "-n", "0", TEST)


def check_the_revision(folder: Path) -> None:
    """Check that the revision needs nothing but libraries: it runs in the image, and in years."""
    [written] = folder.glob("migrations/versions/*_*.py")
    imported = re.findall(r"^(?:from|import) (\w+)", written.read_text("utf-8"), re.M)

    assert {*imported} == {"alembic", "collections", "sqlalchemy", "unicodedata"}
    assert "def normalize_emails()" in written.read_text("utf-8")
