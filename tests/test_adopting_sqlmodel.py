"""Adoption of a project that uses SQLModel with Alembic."""

import shutil
from collections.abc import Iterator

import pytest

from tests.support.adopted import connect_revisions, move_code, run_on_database
from tests.support.documented_commands import ADD_SQLMODEL
from tests.support.services import Install, Service

LAST = "3f1c"
ADD_HERO = (
    "from guild.main import *; session = Session(engine);"
    "session.add(Hero(name='Robin', age=19, team=Team(name='Titans'))); session.commit()"
)
ADOPT = """
(cd ../old && $OLD -m alembic upgrade head && $OLD -c "$ADD_HERO")
app migrate
alembic check
python -c "$QUERY" "SELECT hero.name, age, team.name FROM hero JOIN team ON team.id = team_id"
"""

# One pytest worker installs the service.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


@pytest.fixture
def project(install: Install) -> Iterator[Service]:
    """Return a rendered project, in an own environment, with the moved code of the application."""
    rendered = install(example=False)
    environment = rendered.environment | {"UV_PROJECT_ENVIRONMENT": ".venv"}
    service = Service(rendered.folder, environment)
    models = "from app.models.hero import Hero, Team"
    move_code(service, "sqlmodel", models, "from app.api.v0.heroes import old_router")
    yield service
    shutil.rmtree(service.folder.parent / "old")


def test_a_project_with_sqlmodel_keeps_its_models_revisions_and_rows(project: Service) -> None:
    project.run("bash", "-euc", ADD_SQLMODEL)
    versions = project.folder / "migrations/versions"
    old = (project.folder.parent / f"old/alembic/versions/{LAST}_teams.py").read_text()
    old = old.replace("\nimport sqlmodel\n", "\nimport sqlmodel.sql.sqltypes\n")
    (versions / f"{LAST}_teams.py").write_text(old.replace('"""teams\n', '"""Teams.\n'))
    connect_revisions(versions, LAST)

    said = run_on_database(project, ADOPT, ADD_HERO=ADD_HERO)

    assert "No new upgrade operations detected" in said
    assert "[('Robin', 19, 'Titans')]" in said
    project.run("poe", "format")
    project.run("poe", "types")
    assert " passed" in project.run("pytest", "-q", "tests/test_heroes.py", "tests/access")
