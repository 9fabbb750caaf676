"""An update of an unedited project gives the same as a fresh render."""

import shutil
from pathlib import Path

import pytest

from tests.fixtures.updates import Begin, RenderVersion
from tests.support.files import files
from tests.support.processes import commit, run
from tests.support.updates import projects
from tests.support.updates.projects import Case
from tests.support.updates.releases import NEXT, chosen, tries_all


def released(folder: Path) -> dict[str, bytes]:
    """Return the files that are not the owner's; the answers are sorted, their sum left out."""
    named = files(folder).items()
    kept = {path: data for path, data in named if not projects.OWNED.fullmatch(path)}
    lines = sorted(kept[projects.ANSWERS_FILE].splitlines())
    lines = [line for line in lines if not line.startswith(b"# Checksum: ")]  # of their order, too
    return kept | {projects.ANSWERS_FILE: b"\n".join(lines)}


@pytest.mark.parametrize("case", projects.cases_in_time("copier"))
def test_a_copier_update_gives_the_same_files_as_a_fresh_render(
    render_version: RenderVersion, tmp_path: Path, case: Case
) -> None:
    old, new = (render_version(tag, **case.answers) for tag in (case.release.tag, NEXT))
    project = tmp_path / "project"
    shutil.copytree(old, project)
    run("git", "init", "-q", cwd=project)
    commit(project, "First")

    assert projects.update(project) == set()

    check_what_is_there(project, old, new)


@pytest.mark.parametrize("case", projects.cases(chosen()))
def test_the_upgrade_command_gives_the_same_files_as_a_fresh_render(
    render_version: RenderVersion, begin: Begin, case: Case
) -> None:
    old, new = (render_version(tag, **case.answers) for tag in (case.release.tag, NEXT))
    service = begin(case.release.tag, case.answers)
    service.run("true")  # which locks
    commit(service.folder, "Lock")

    projects.upgrade(service, case.release)

    check_what_is_there(service.folder, old, new)
    check_the_api_is_described(service.folder)
    if case.name == "default":  # both gates, and for one release all checks
        is_checked = tries_all() or case.release == chosen()[-1]
        for task in ["check"] if is_checked else ["lint", "contract"]:
            service.run("poe", task)


def check_the_api_is_described(project: Path) -> None:
    """Check that the upgrade wrote `openapi.json`, in a commit of its own."""
    log = ("log", "-1", "--format=%s", "--name-only", "--full-diff")
    said = run("git", *log, "--", "openapi.json", cwd=project)
    assert said.split("\n\n") == ["Describe the API in openapi.json", "openapi.json\n"]


def check_what_is_there(project: Path, old: Path, new: Path) -> None:
    """Check that all of it is what a fresh render gives, but for what is the owner's."""
    assert released(project) == released(new)
    owned = files(old).keys() - released(old).keys()
    kept = files(project)
    assert owned
    assert {path: kept[path] for path in owned} == {path: files(old)[path] for path in owned}
    assert projects.read_answers(old).items() <= projects.read_answers(project).items()
