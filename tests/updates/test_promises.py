"""Later releases render, ask and accept all that earlier ones did."""

import shutil
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import copier
import pytest

from dev.upgrade.git import Git
from tests.fixtures.updates import RenderVersion
from tests.support.files import files
from tests.support.processes import run
from tests.support.updates import projects
from tests.support.updates.moved_edits import moved_path
from tests.support.updates.projects import Case
from tests.support.updates.releases import (
    LAST_MOVE,
    NEXT,
    Release,
    chosen,
    git,
    number,
    releases,
)
from tests.support.variants import AWKWARD, QUESTIONS, ROOT, Answer, Answers
from upgrade.import_merges import split_names

FROZEN = [release for release in releases() if release.is_promised]
ROW = '    "GET /api/v1/items/count": (401, 200, 200, 200),\n'
COUNT = '\n\nCOUNT_OWN = select(func.count()).where(Item.owner_id == bindparam("owner_id"))\n'
# Paths leave a project in 0.3.0 and 0.4.0 only: these modules became parts of others,
LEFT = {
    "dev/upgrade/place.py",
    "dev/upgrade/wish.py",
    "src/app/api/strict_request.py",
    "src/app/api/token_route.py",
}
# the rest of the upgrade code runs from the template,
UPGRADE_CODE = {f"dev/upgrade/{path.name}" for path in (ROOT / "upgrade").glob("*.py")}
# and the tests of the platform run in the template's own suite.
PLATFORM_TESTS = {path.name for path in (ROOT / "tests/in_project").rglob("*.py")}
PROMISED = [release for release in chosen() if release.is_promised]
# Texts that YAML, TOML, Jinja or shells could misread.
LINES = [
    "a",
    "null",
    "1.0",
    "- a",
    "a: b #c",
    "*a* & {b}",
    "[a], 'b'",
    '"',
    "\\",
    "${HOME} $$ %s",
    "Ж中😀",
]
VALID: dict[str, list[str]] = {
    "project_name": [*LINES, "My Service", "x" * 60, "中" * 60],
    "project_slug": ["a", "my-service", "a1-2-b3", "x-1", "a" * 40, "tea", "production", "app"],
    "description": [*LINES, "A FastAPI service.", "x" * 160, "中" * 160],
    "user_name": [*LINES, "Ada Lovelace", "x" * 100, "中" * 100],
    "user_email": ["a@b.co", "ADA@EXAMPLE.COM", "ada.o-neil+tea@mail.example.com", "1@x-y.org"],
}


def offered(question: projects.Question) -> list[Answer]:
    """Return what a closed question accepts, and nothing of an open one."""
    choices = question.get("choices", [True, False] if question["type"] == "bool" else [])
    return list(choices.values() if isinstance(choices, dict) else choices)


def valid_answers(questions: dict[str, projects.Question]) -> list[Answers]:
    """Return few sets of answers that together hold every one that is tried."""
    tried = {name: VALID.get(name) or offered(each) for name, each in questions.items()}
    tried = {name: [*values, AWKWARD.get(name, values[0])] for name, values in tried.items()}
    rows = max(map(len, tried.values()))
    columns = [islice(cycle(values), rows) for values in tried.values()]
    return [dict(zip(tried, row, strict=True)) for row in zip(*columns, strict=True)]


def questionnaire(history: Path, tag: str, folder: Path) -> Path:
    """Return a version as a download, which is faster to ask than a repository."""
    run("git", "clone", "-q", "--branch", tag, history, folder, cwd=history)
    shutil.rmtree(folder / ".git")
    return folder


def accepted(version: Path, answers: Answers) -> Answers:
    """Return what a version makes of some answers; raise `ValueError` where one is refused."""
    with TemporaryDirectory() as folder:
        worker = copier.run_copy(
            str(version), folder, answers, exclude=["*"], defaults=True, quiet=True
        )
    return {name: worker.answers.combined[name] for name in answers}


@pytest.mark.parametrize("case", projects.cases(PROMISED))
def test_no_file_of_an_older_release_is_missing(render_version: RenderVersion, case: Case) -> None:
    then, now = (files(render_version(tag, **case.answers)) for tag in (case.release.tag, NEXT))

    gone = {path for path in then if path not in now and moved_path(path) not in now}
    assert {path for path in gone if Path(path).name not in PLATFORM_TESTS} <= LEFT | UPGRADE_CODE


@pytest.mark.parametrize("release", FROZEN, ids=lambda release: release.version)
def test_every_question_and_choice_of_an_earlier_release_still_exists(release: Release) -> None:
    for name, question in projects.questions_of(release).items():
        assert QUESTIONS[name]["type"] == question["type"]
        assert {*offered(question)} <= {*offered(QUESTIONS[name])}


@pytest.mark.parametrize("release", PROMISED, ids=lambda release: release.version)
def test_answers_that_an_earlier_release_accepted_are_still_accepted(
    history: Path, tmp_path: Path, release: Release
) -> None:
    then, now = (questionnaire(history, tag, tmp_path / tag) for tag in (release.tag, NEXT))

    for answers in valid_answers(projects.questions_of(release)):
        assert accepted(then, answers) == accepted(now, answers) == answers


@pytest.mark.parametrize("place", ["ACCESS = {\n", "\n}\n"], ids=["first", "last"])
@pytest.mark.parametrize("release", FROZEN, ids=lambda release: release.tag)
def test_a_tutorial_row_in_the_item_access_table_merges_without_a_conflict(
    release: Release, place: str, tmp_path: Path
) -> None:
    path = "template/tests/access/items.py"
    before = git("show", f"{release.commit}:{path}")
    with_row = place.replace("{\n", f"{{\n{ROW}").replace("}", f"{ROW}}}")
    (tmp_path / "before").write_text(before)
    (tmp_path / "edited").write_text(before.replace(place, with_row, 1))

    merged = run("git", "merge-file", "-p", "edited", "before", ROOT / path, cwd=tmp_path)

    assert ROW in merged


@pytest.mark.parametrize(
    "release",
    [each for each in FROZEN if each.number >= number(LAST_MOVE)],
    ids=lambda release: release.tag,
)
def test_a_tutorial_function_in_the_item_service_merges_without_a_conflict(
    release: Release, tmp_path: Path
) -> None:
    path = "template/src/app/services/item.py"
    before, names = git("show", f"{release.commit}:{path}"), "import bindparam, select\n"
    edited = before.replace(names, "import bindparam, func, select\n") + COUNT
    texts = (edited, before, (ROOT / path).read_text("utf-8"))

    merged = Git(tmp_path).merged(*map(split_names, texts))

    assert "<<<<<<<" not in merged
    assert "from sqlalchemy import func\n" in merged
