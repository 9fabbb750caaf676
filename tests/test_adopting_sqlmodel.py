"""Adoption of a project that uses SQLModel and Alembic."""

import re
import shutil
from collections.abc import Iterator

import pytest

from tests.support.adoption import connect_revisions, page, serve_old_routes, write_code
from tests.support.documented_commands import MARK
from tests.support.services import Install, Service
from tests.support.variants import ROOT

EXISTING = ROOT / "tests/existing_sqlmodel"
NEWEST = "5e2a9c7d1f04"
OLD = "uv run -q --no-project --isolated --with-requirements requirements.txt"
ADD_CAR = """
from garage.main import *
with Session(engine) as session:
    add_car(CarCreate(plate="B-AB 123", fuel="electricity", owner="Mara"), session)
"""
CREATE_ALL = """
from garage.main import *
from sqlmodel import SQLModel
SQLModel.metadata.create_all(engine)
"""
# Creates two databases on the server of `DATABASE_URL`, and prints their URLs.
CREATE = """
import asyncio, os, asyncpg, sqlalchemy
async def run():
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    for name in ("revised", "created"):
        await connection.execute(f"CREATE DATABASE {name}")
        url = sqlalchemy.make_url(os.environ["DATABASE_URL"]).set(database=name)
        print(url.render_as_string(hide_password=False))
    await connection.close()
asyncio.run(run())
"""
# Reads the old rows and adds one through the adopted application.
SERVE = """
import asyncio, httpx
from app.main import app
async def run():
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client,
    ):
        first = {"plate": "B-AB 123", "fuel": "electricity", "id": 1}
        assert (await client.get("/cars")).json() == [first]
        assert (await client.get("/owners/1")).json() == {"id": 1, "name": "Mara"}
        car = {"plate": "M-X 1", "owner": "Mara"}
        added = {"plate": "M-X 1", "fuel": "petrol", "id": 2}
        assert (await client.post("/cars", json=car)).json() == added
        print("The rows and routes are there.")
asyncio.run(run())
"""
ADOPT = """
URLS=$(python -c "$CREATE")
export DATABASE_URL
for DATABASE_URL in $URLS; do
    if [ "${DATABASE_URL%created}" = "$DATABASE_URL" ]; then
        (cd ../old && $OLD alembic upgrade head && $OLD python -c "$ADD_CAR")
    else
        (cd ../old && $OLD python -c "$CREATE_ALL$ADD_CAR")
        MARK
    fi
    app migrate
    alembic check
    python -c "$SERVE"
done
"""

# One pytest worker installs the service.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


@pytest.fixture
def project(install: Install) -> Iterator[Service]:
    """Return a rendered project with the moved code and revision of the small application."""
    service = install(example=False)
    shutil.copytree(EXISTING, service.folder.parent / "old")
    shutil.copytree(ROOT / "tests/adopted_sqlmodel", service.folder, dirs_exist_ok=True)
    _, section, _ = page()
    assert write_code(section, service.folder) == 2
    models = "from app.models.car import Car\nfrom app.models.owner import Owner\n"
    serve_old_routes(service.folder, "cars", models)
    yield service
    shutil.rmtree(service.folder.parent / "old")


def move_revision(project: Service) -> None:
    """Move the revision, and replace what it uses of SQLModel by the types that the page names."""
    (revision,) = (EXISTING / "alembic/versions").iterdir()
    text = revision.read_text().replace("import sqlmodel\n", "").replace("sqlmodel.sql.", "sql.")
    text = text.replace("sql.sqltypes.AutoString", "sa.String")
    text = text.replace("sql.sqltypes.UTCDateTime()", "sa.DateTime(timezone=True)")
    versions = project.folder / "migrations/versions"
    (versions / revision.name).write_text(text.replace('"""cars\n', '"""cars.\n'))
    connect_revisions(versions, NEWEST)


def test_sqlmodel_models_stay_beside_converted_ones_and_preserve_their_rows(
    project: Service,
) -> None:
    move_revision(project)
    (dependency,) = re.findall(r"^sqlmodel.*", (EXISTING / "requirements.txt").read_text(), re.M)
    project.run("uv", "add", "-q", dependency)
    mark = MARK.replace("postgresql://user:password@localhost/copy", "$DATABASE_URL")

    said = project.run(
        *("env", f"CREATE={CREATE}", f"CREATE_ALL={CREATE_ALL}", f"ADD_CAR={ADD_CAR}"),
        *(f"SERVE={SERVE}", f"OLD={OLD}", "python", "-m", "dev", "bash", "-euc"),
        ADOPT.replace("MARK", mark.strip().replace("REVISION", NEWEST)),
    )

    assert said.count("No new upgrade operations detected") == 2
    assert said.count("The rows and routes are there.") == 2
    project.run("poe", "format")
    project.run("poe", "lint")
    project.run("poe", "types")
    assert " passed" in project.run("pytest", "-q", "tests/test_cars.py", "tests/access")
