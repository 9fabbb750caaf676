"""Adoption of a project in the style of SQLAlchemy 1.4 that has no migrations."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.adoption import PARENT, connect_revisions, serve_old_routes
from tests.support.documented_commands import FIRST_REVISION, MARK, MARK_DEVELOPMENT
from tests.support.services import Install, Service
from tests.support.variants import ROOT

OLD = "uv run -q --no-project --isolated --with-requirements requirements.txt python -W ignore -c"
ADD_PLANT = (
    "from shop.main import *; db = SessionLocal();"
    "db.add(Plant(name='Fern', height=3, shelf=Shelf(label='A'))); db.commit()"
)
# Creates a database on the server of `DATABASE_URL`, and prints its URL.
CREATE = """
import asyncio, os, asyncpg, sqlalchemy
async def run():
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute("CREATE DATABASE old")
    await connection.close()
asyncio.run(run())
url = sqlalchemy.make_url(os.environ["DATABASE_URL"]).set(database="old")
print(url.render_as_string(hide_password=False))
"""
QUERY = """
import asyncio, os, asyncpg
async def run():
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    rows = await connection.fetch("SELECT name, height FROM plants")
    print([tuple(row) for row in rows])
    await connection.close()
asyncio.run(run())
"""
ADOPT = """
URL=$(python -c "$CREATE")
export DATABASE_URL=$URL
(cd ../old && $OLD "$ADD_PLANT")
! alembic upgrade head
{mark}
app migrate
alembic check
python -c "$QUERY"
"""

# One pytest worker installs the service.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


@pytest.fixture
def project(install: Install) -> Iterator[Service]:
    """Return a rendered project with the moved code of the small application."""
    service = install(example=False)
    shutil.copytree(ROOT / "tests/adopted_plain", service.folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / "tests/existing_plain", service.folder.parent / "old")
    serve_old_routes(service.folder, "plants", "from app.models.plant import Plant, Shelf\n")
    yield service
    shutil.rmtree(service.folder.parent / "old")


def put_first(versions: Path) -> str:
    """Order the revisions as the page describes; return the id of the first one."""
    (first,) = versions.glob("*_tables_from_before_*.py")
    revision = first.stem.rpartition("_")[2]
    first.write_text(first.read_text().replace(f'{PARENT}"initial"', f"{PARENT}None"))
    connect_revisions(versions, revision)
    return revision


def test_a_project_without_migrations_preserves_its_rows(project: Service) -> None:
    project.run("bash", "-euc", FIRST_REVISION)
    revision = put_first(project.folder / "migrations/versions")
    project.run("bash", "-euc", MARK_DEVELOPMENT)
    mark = MARK.replace("postgresql://user:password@localhost/copy", "$URL")

    said = project.run(
        *("env", f"CREATE={CREATE}", f"ADD_PLANT={ADD_PLANT}", f"QUERY={QUERY}", f"OLD={OLD}"),
        *("python", "-m", "dev", "bash", "-euc"),
        ADOPT.format(mark=mark.replace("REVISION", revision)),
    )

    assert 'relation "shelves" already exists' in said
    assert "No new upgrade operations detected" in said
    assert "[('Fern', 3)]" in said
    project.run("poe", "format")
    project.run("poe", "types")
    assert " passed" in project.run("pytest", "-q", "tests/test_plants.py", "tests/access")
