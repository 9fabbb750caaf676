"""Updates of edited projects lose no edits."""

import pytest

from tests.fixtures.updates import Begin, NewTables
from tests.support.updates import expected_conflicts, projects
from tests.support.updates.edits import MARK
from tests.support.updates.journeys import Journey


@pytest.fixture(scope="module", params=projects.edited_cases())
def journey(request: pytest.FixtureRequest, begin: Begin) -> Journey:
    """Return an edited project that took over the next version."""
    case = request.param
    journey = Journey(case, begin(case.release.tag, case.answers))
    journey.prepare()
    journey.take_over()
    return journey


def test_only_expected_conflicts_occur(journey: Journey) -> None:
    assert journey.conflicts <= expected_conflicts.conflicts(journey.case.release, journey.case.way)


def test_no_edit_is_lost(journey: Journey) -> None:
    assert journey.lost == []


def test_the_owners_migrations_are_unchanged_and_have_one_head(journey: Journey) -> None:
    now = projects.revisions(journey.folder)

    assert {name: now[name] for name in journey.revisions} == journey.revisions
    assert len(projects.heads(journey.service)) == 1


def test_the_tables_match_those_of_a_new_project(journey: Journey, new_tables: NewTables) -> None:
    migrated = projects.tables(journey.service)

    assert [line for line in migrated if not MARK.search(line)] == new_tables(
        **journey.case.answers
    )


def test_existing_data_is_preserved_and_its_owner_can_log_in(journey: Journey) -> None:
    kept = projects.use(journey.service, *journey.made)

    assert kept == [*(["Tea"] if journey.case.answers.get("example", True) else []), "Buy tea"]


def test_an_updated_project_passes_its_own_checks(journey: Journey) -> None:
    for task in journey.checks:
        journey.service.run("poe", task)
    if journey.is_tested:
        assert {"POST /api/v1/notes", "the project"} <= journey.prove()


def test_a_second_update_changes_nothing(journey: Journey) -> None:
    journey.repeat()

    assert projects.status(journey.folder) == []
