"""What the documentation tells a person to type is typed here, and works."""

import re
from pathlib import Path

import pytest

from documents import (
    ADOPT,
    CHECK_KEYS,
    DEMO,
    DEPLOY,
    DOCUMENTS,
    FAILED_JOBS,
    FIRST_CALLS,
    FIRST_CHECK,
    FIRST_RENDER,
    FIRST_START,
    ISSUE_CODE,
    METRICS,
    NEW_KEY,
    PIN_IMAGES,
    PURGE,
    RENDER,
    SECOND_CHECK,
    SHELLS,
    TESTS,
    TURN_ON_JOBS,
    UPDATE,
    USE_CODE,
    WORKER,
    blocks,
)
from person import Person
from processes import commit, run, uv
from variants import ROOT


def test_every_documented_command_is_run() -> None:
    documented = {block for document in DOCUMENTS for block in blocks(document, *SHELLS)}

    assert documented == {
        *(DEMO, TESTS, *RENDER, *ADOPT, UPDATE),
        *(NEW_KEY, CHECK_KEYS, ISSUE_CODE, USE_CODE, PURGE, METRICS, PIN_IMAGES),
        *DEPLOY,
        *(TURN_ON_JOBS, WORKER, FAILED_JOBS),
        *(FIRST_RENDER, FIRST_START, FIRST_CALLS, FIRST_CHECK, SECOND_CHECK),
    }


def test_continuous_integration_runs_the_tests_of_the_readme() -> None:
    assert (ROOT / ".ci/run").read_text().endswith(f"\n{TESTS}")


def test_the_guides_table_names_files_that_are_there(default: Path) -> None:
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
def test_rendering_gives_a_project(person: Person, block: str) -> None:
    (answers,) = blocks("docs/how-to/render.md", "yaml")
    (person.folder / "answers.yml").write_text(answers)
    person.types(block)

    (project,) = person.folder.glob("*/pyproject.toml")
    assert project.parent.name == block.rsplit(maxsplit=1)[-1]


def test_updating_takes_over_a_release(person: Person, releases: Path) -> None:
    copy = ["copier", "copy", "--defaults", "--quiet", "--vcs-ref", "v1.0.0"]
    run(*copy, releases, "project", cwd=person.folder)
    run("git", "init", "-q", cwd=person.folder / "project")
    commit(person.folder / "project", "First")
    person.types(UPDATE, "project")

    assert "_commit: v1.1.0" in (person.folder / "project/.copier-answers.yml").read_text()
