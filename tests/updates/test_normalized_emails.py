"""A project with accounts gets the revision that normalizes their addresses, and runs it."""

import re
import shutil
from pathlib import Path
from textwrap import indent

import pytest

from tests.fixtures.updates import Begin
from tests.support.documented_commands import UPGRADING, blocks
from tests.support.processes import commit
from tests.support.updates import projects
from tests.support.updates.releases import releases, tries_all

[RELEASE] = [each for each in releases() if each.version == "0.2.1"]
TEST = "tests/test_normalized_emails.py"
AGAIN = "tests/test_beginning_again.py"
WAYS = ["upgrade", *["copier"] * tries_all()]


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=pytest.mark.xdist_group(f"emails-{way}")) for way in WAYS]
)
def test_the_projects_revision_normalizes_existing_addresses(begin: Begin, way: str) -> None:
    service = begin(RELEASE.tag, {})
    service.run("poe", "migrate")
    [made] = projects.use(service)
    commit(service.folder, "Lock")

    if way == "copier":
        assert projects.update(service.folder) == set()
        projects.lock(service)
        projects.take_over_the_models(service)
    else:
        projects.upgrade(service, RELEASE)
        service.run("poe", "migrate")

    check_the_revision(service.folder)
    assert projects.use(service, made) == ["Tea"]
    shutil.copy(projects.SCRIPTS / "normalized_emails.py", service.folder / TEST)
    assert " passed" in service.run("pytest", "-n", "0", TEST)
    lock_for_moments(service.folder)
    assert "1 passed" in service.run("pytest", "-n", "0", AGAIN)


def check_the_revision(folder: Path) -> None:
    """Check that the revision needs nothing but libraries: it runs in the image, and in years."""
    [written] = folder.glob("migrations/versions/*_*.py")
    imported = re.findall(r"^(?:from|import) (\w+)", written.read_text("utf-8"), re.M)

    assert {*imported} == {"alembic", "collections", "sqlalchemy", "unicodedata"}
    assert "def normalize_emails()" in written.read_text("utf-8")


def lock_for_moments(folder: Path) -> None:
    """Change the revision as the how-to says for many accounts."""
    [written] = folder.glob("migrations/versions/*_*.py")
    [block] = [each for each in blocks(UPGRADING, "python") if "autocommit_block" in each]
    [sql] = [each for each in blocks(UPGRADING, "sql") if "DROP TRIGGER" in each]
    items = r"(    op\.drop_index\(op\.f\(\"ix_items.*?)"
    others = r"(    op\.add_column.*?)    normalize_emails\(\).*?(?=    #)"
    text, changed = re.subn(
        items + others,
        lambda found: found[2] + indent(block, "    ") + found[1],
        written.read_text("utf-8"),
        count=1,
        flags=re.S,
    )
    assert changed
    written.write_text(text, "utf-8")
    (folder / "tests/begin_again.sql").write_text(sql, "utf-8")
    shutil.copy(projects.SCRIPTS / "beginning_again.py", folder / AGAIN)
