"""Runs the commands and code of the documentation."""

import re
from pathlib import Path

import pytest
import yaml

from tests.support.documented_commands import (
    ADOPT,
    ADOPT_WITHOUT_MIGRATIONS,
    CHANGE_ANSWERS,
    CHANGE_API,
    CHECK_KEYS,
    CLIENT_RECIPES,
    COPY_WORKFLOWS,
    DEMO,
    DEPLOY,
    DOCUMENTS,
    FAILED_JOBS,
    FIRST_CALLS,
    FIRST_CHECK,
    FIRST_FIELD,
    FIRST_RENDER,
    FIRST_RESOURCE,
    FIRST_START,
    GO_BACK,
    GO_ON,
    ISSUE_CODE,
    METRICS,
    MOVE_FILES,
    NEW_KEY,
    PIN_IMAGES,
    PROVE,
    PROVE_LOAD,
    PURGE,
    RECIPES,
    RENDER,
    REWRITE,
    SECOND_CHECK,
    SHELLS,
    TAKE_UPGRADE,
    TESTS,
    TURN_ON_JOBS,
    UPDATE,
    UPDATE_MOVED,
    UPGRADE,
    USE_CODE,
    VERIFY,
    WORKER,
    blocks,
)
from tests.support.processes import CommandFailedError, commit, run, uv
from tests.support.project_owner import keep
from tests.support.terminal_user import Person
from tests.support.variants import ROOT


@pytest.mark.renders
def test_every_documented_command_is_tested() -> None:
    documented = {block for document in DOCUMENTS for block in blocks(document, *SHELLS)}

    assert documented == {
        *(DEMO, TESTS, *RENDER, *ADOPT, *ADOPT_WITHOUT_MIGRATIONS),
        *(UPDATE, REWRITE, MOVE_FILES, UPDATE_MOVED),
        *(UPGRADE, TAKE_UPGRADE, GO_ON, GO_BACK, CHANGE_ANSWERS),
        *(NEW_KEY, CHECK_KEYS, ISSUE_CODE, USE_CODE, PURGE, METRICS, PIN_IMAGES),
        *(*DEPLOY, *VERIFY, *CHANGE_API, *CLIENT_RECIPES),
        *(COPY_WORKFLOWS, PROVE, PROVE_LOAD),
        *(TURN_ON_JOBS, WORKER, FAILED_JOBS),
        *(FIRST_RENDER, FIRST_START, FIRST_RESOURCE, FIRST_CALLS, FIRST_FIELD),
        *(FIRST_CHECK, SECOND_CHECK),
        *RECIPES,
    }


@pytest.mark.renders
def test_continuous_integration_runs_the_test_commands_of_the_readme() -> None:
    everything = TESTS.rpartition(" && ")[2].replace("-s tests", "-s everything")
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    steps = [step.get("run") for step in workflow["jobs"]["tests"]["steps"]]

    browser = (ROOT / ".ci/run").read_text().splitlines(keepends=True)[-2]
    assert browser.startswith("command -v chromium google-chrome >/dev/null || { apt-get ")
    assert (ROOT / ".ci/run").read_text().endswith(f"\n{TESTS}{browser}{everything}")
    assert steps[-2:] == ["uvx nox -s tests", "uvx nox -s everything"]


@pytest.mark.renders
def test_files_named_in_the_guide_exist(default: Path) -> None:
    table, _ = (ROOT / "docs/explanation/guide.md").read_text("utf-8").split("## Changed and why")
    named = re.findall(r"`((?:tests/|core/|api/|schemas/|[a-z_]+\.py)[\w/.]*)`", table)

    places = (default, default / "src/app", ROOT)
    assert named
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def test_the_demo_runs_in_a_fresh_clone(person: Person, template: Path) -> None:
    run("git", "clone", "-q", template, "clone", cwd=person.folder)
    tools = person.folder / "clone/.tools/bin"
    tools.mkdir(parents=True)
    for name in ["uv", "uvx"]:
        (tools / name).symlink_to(Path(uv()).with_name(name))
    _, demo = DEMO.strip().split(" && ")

    assert "The demo works." in person.types(f"{demo} -- --check", "clone")


@pytest.mark.parametrize("block", RENDER)
def test_the_documented_commands_render_a_project(person: Person, block: str) -> None:
    (answers,) = blocks("docs/how-to/render.md", "yaml")
    (person.folder / "answers.yml").write_text(answers)
    person.types(block)

    (project,) = person.folder.glob("*/pyproject.toml")
    assert project.parent.name == block.rsplit(maxsplit=1)[-1]


@pytest.fixture
def project(person: Person, releases: Path) -> Path:
    """Return the person's project, which is rendered from the first of two releases."""
    copy = ["copier", "copy", "--defaults", "--quiet", "--vcs-ref", "v1.0.0"]
    run(*copy, releases, "project", cwd=person.folder)
    project = person.folder / "project"
    person.types("uv lock", "project")
    keep(project)
    return project


def test_the_documented_update_applies_a_release(person: Person, project: Path) -> None:
    person.types(UPDATE, "project")

    assert "_commit: v1.1.0" in (project / ".copier-answers.yml").read_text()


def test_the_documented_upgrade_resolves_a_conflict(person: Person, project: Path) -> None:
    with (project / "AGENTS.md").open("a") as changed:
        changed.write("\nOf the owner.\n")
    commit(project, "Add a line")
    for way_on in (GO_BACK, GO_ON):
        with pytest.raises(CommandFailedError, match=r"AGENTS\.md: changed by you and by the"):
            person.types(UPGRADE, "project")
        (project / ".upgrade/AGENTS.md").write_text("Of both.\n")
        if way_on == GO_ON:
            person.types(REWRITE, "project")
        person.types(way_on, "project")
    person.types(TAKE_UPGRADE, "project")
    person.types(CHANGE_ANSWERS, "project")
    person.types(TAKE_UPGRADE, "project")

    assert (project / "AGENTS.md").read_text() == "Of both.\n"
    assert "_commit: v1.1.0" in (project / ".copier-answers.yml").read_text()
    assert (project / "kubernetes").is_dir()
