"""The effects of every answer, and traces of features that are turned off."""

import re
from pathlib import Path

import pytest

from tests.support.answer_effects import EFFECTS
from tests.support.files import files, texts
from tests.support.services import Render
from tests.support.variants import CLOSED, QUESTIONS, Answer, values

pytestmark = pytest.mark.renders

ANSWERS = ".copier-answers.yml"
# Words that only the example has. Every page of a list has `items`, and libraries have names such
# as `item_type`, `items_schema` and `pytest.Item`.
ITEM = (
    r"(?<!pytest\.)\bItem(?!s\b)|/items\b|\bitems?_(?!type\b|schema\b)|"
    r"\b(?:models|schemas|services|endpoints)[./]items?\b"
)
GITLAB = r"gitlab(?!\.com/)"  # gitlab.com may be the host of a template
TRACES = [
    ("example", False, ITEM),
    ("auth_stack", "pyjwt-pwdlib", r"(?i)\bjose\b|passlib|libpass|argon2-cffi"),
    ("auth_stack", "jose-passlib", r"(?i)pyjwt|pwdlib"),
    (
        "jobs",
        "none",
        r"(?i)pgqueuer|\bapp[./](?:worker|jobs)\b|background job|\benqueue",
    ),
    ("kubernetes", False, r"(?i)kubernetes|kubectl|kustomize"),
    ("telemetry", "none", r"(?i)opentelemetry|\botlp|\botel_"),
    ("ci", "github", rf"(?i){GITLAB}|renovate"),
    ("ci", "gitlab", r"(?i)github actions|\.github/|dependabot"),
    ("ci", "none", rf"(?i)github actions|\.github/|dependabot|{GITLAB}|(?:audit|upgrade)\.sh"),
]


def test_expected_effects_cover_every_non_default_answer() -> None:
    offered = {(name, value) for name in CLOSED for value in values(name)}

    assert {*EFFECTS} == offered - {(name, QUESTIONS[name]["default"]) for name in CLOSED}


@pytest.mark.parametrize(("question", "answer"), EFFECTS)
def test_an_answer_changes_exactly_the_expected_files(
    render: Render, default: Path, question: str, answer: Answer
) -> None:
    before, after = files(default), files(render(**{question: answer}))
    changed = {path for path in before.keys() & after.keys() if before[path] != after[path]}

    assert (
        after.keys() - before.keys(),
        before.keys() - after.keys(),
        changed - {ANSWERS},
    ) == EFFECTS[question, answer]


@pytest.mark.parametrize(("question", "answer", "trace"), TRACES)
def test_a_disabled_feature_leaves_no_trace(
    render: Render, question: str, answer: Answer, trace: str
) -> None:
    is_default = answer == QUESTIONS[question]["default"]
    project = render() if is_default else render(**{question: answer})
    found = {
        f"{path}: {line}"
        for path, text in texts(project).items()
        for line in [path, *text.splitlines()]
        if path != ANSWERS and re.search(trace, line)
    }

    assert found == set()
    # No empty folder is left, either.
    assert [
        folder for folder in project.rglob("*") if folder.is_dir() and not any(folder.iterdir())
    ] == []
