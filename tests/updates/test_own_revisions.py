"""The revisions are the owner's, whatever an update changes: squashed, or of what is turned off."""

import re

import pytest

from tests.fixtures.updates import Begin, NewTables
from tests.support.how_to_steps import insert
from tests.support.processes import commit
from tests.support.updates import projects
from tests.support.updates.edits import COLUMN, MARK, MODEL
from tests.support.updates.releases import Release, chosen, tries_all
from tests.support.variants import Answers

OFF: Answers = {"example": False, "jobs": "none"}
ON: Answers = {"example": True, "jobs": "postgres"}

# Indexes that a later release replaces by others.
REPLACED = re.compile(r"\buq_users_lower_email\b")

each_release = pytest.mark.parametrize(
    "release",
    [
        pytest.param(each, id=each.version, marks=pytest.mark.xdist_group(f"revisions-{each.tag}"))
        for each in (chosen() if tries_all() else chosen()[-1:])
    ],
)


@each_release
def test_an_update_does_not_change_a_squashed_migration_history(
    begin: Begin, new_tables: NewTables, release: Release
) -> None:
    service = begin(release.tag, {})
    insert(service.folder / MODEL, "    is_superuser: Mapped[bool]", COLUMN)
    for revision in service.folder.glob("migrations/versions/*.py"):
        revision.unlink()
    service.run("poe", "migration", "all until now")
    service.run("poe", "migrate")
    commit(service.folder, "Squash")
    [squashed] = projects.revisions(service.folder).items()

    assert projects.update(service.folder) == set()

    projects.lock(service)
    projects.take_over_the_models(service)
    assert squashed in projects.revisions(service.folder).items()
    assert "initial.py" not in projects.revisions(service.folder)
    assert len(projects.heads(service)) == 1
    migrated = projects.tables(service)
    assert [line for line in migrated if not MARK.search(line)] == new_tables()


@each_release
def test_tables_and_rows_survive_turning_a_feature_off_and_on_again(
    begin: Begin, release: Release
) -> None:
    asked = projects.questions_of(release)
    service = begin(release.tag, {name: ON[name] for name in ON if name in asked})
    service.run("poe", "migrate")
    made = projects.use(service)
    commit(service.folder, "Lock")
    revisions, tables = projects.revisions(service.folder), projects.tables(service)

    assert projects.update(service.folder, OFF) == set()

    projects.lock(service)
    projects.take_over_the_models(service)
    assert revisions.items() <= projects.revisions(service.folder).items()
    assert len(projects.heads(service)) == 1
    gone = {*tables} - {*projects.tables(service)}
    assert [line for line in gone if not REPLACED.search(line)] == []
    assert not (service.folder / "src/app/models/item.py").exists()

    commit(service.folder, "Off")
    assert projects.update(service.folder, ON) == set()
    projects.lock(service)
    projects.take_over_the_models(service, "on again")
    assert projects.use(service, *made) == ["Tea"]
