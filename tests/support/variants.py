"""The tested answers: every answer that the questions in copier.yml offer, and all pairs."""

from itertools import combinations, cycle, product
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

Answer = str | bool
Answers = dict[str, Answer]

QUESTIONS = {
    name: question
    for name, question in yaml.safe_load((ROOT / "copier.yml").read_text("utf-8")).items()
    if not name.startswith("_")
}

# The questions whose answers change Python files, as `test_variants.py` checks.
PYTHON_QUESTIONS = ("auth_stack", "jobs", "telemetry", "example")

# Every character here breaks some file if it is written without quoting.
AWKWARD: Answers = {
    "project_name": 'Bob\'s "best" \\ {x} ${HOME} %s: #1 & <é> ’Ж 中 😀',
    "project_slug": "bobs-best",
    "description": 'It\'s "quoted" \\n \\\\ {x} ${HOME} $$ %(x)s: #1 & <b> é ’Ж 中 😀 `tick` *.',
    "user_name": 'O\'Neil "Ada" \\ Müller, {x} ${HOME} %s: #1 <ж> 中 😀',
    "user_email": "ada.o-neil+service@mail.example.com",
}


def values(question: str) -> list[Answer]:
    """Return every answer that a question offers."""
    choices = QUESTIONS[question].get("choices", [True, False])
    return list(choices.values() if isinstance(choices, dict) else choices)


def all_pairs(questions: dict[str, list[Answer]]) -> list[Answers]:
    """Return a few sets of answers that together contain each pair of answers to two questions."""
    every = [tuple(zip(questions, each, strict=True)) for each in product(*questions.values())]
    missing = {pair for each in every for pair in combinations(each, 2)}
    chosen = []
    while missing:
        best = max(every, key=lambda each: len(missing.intersection(combinations(each, 2))))
        missing.difference_update(combinations(best, 2))
        chosen.append(dict(best))
    return chosen


def first_with_every_value(variants: list[Answers]) -> list[Answers]:
    """Return the fewest first variants that together contain every answer to every question."""
    every = {pair for variant in variants for pair in variant.items()}
    for count in range(1, len(variants) + 1):
        if {pair for variant in variants[:count] for pair in variant.items()} == every:
            return variants[:count]
    return variants


def spell_out(variant: Answers) -> Answers:
    """Return the answers of a variant, with the awkward texts if the variant has them."""
    closed = {question: answer for question, answer in variant.items() if question != "texts"}
    return closed | AWKWARD if variant["texts"] == "awkward" else closed


def name(answers: Answers) -> str:
    """Return the name of a variant: its answers to the closed questions, in their order."""
    closed = [str(answers[question]).lower() for question in CLOSED if question in answers]
    return "-".join([*closed, "awkward"] if "user_name" in answers else closed)


CLOSED = [
    name
    for name, question in QUESTIONS.items()
    if "choices" in question or question["type"] == "bool"
]
TEXTS: list[Answer] = ["plain", "awkward"]
PAIRS = all_pairs({name: values(name) for name in CLOSED} | {"texts": TEXTS})
VARIANTS = [spell_out(variant) for variant in PAIRS]
# The first variants, which contain every answer to every question, for `nox -s tests`.
VALUES = [spell_out(variant) for variant in first_with_every_value(PAIRS)]
each_variant = pytest.mark.parametrize(
    "answers",
    [
        pytest.param(answers, id=name(answers), marks=[pytest.mark.renders] * (answers in VALUES))
        for answers in VARIANTS
    ],
)

DEFAULT: Answers = {name: QUESTIONS[name]["default"] for name in PYTHON_QUESTIONS}
EVERY_OPTION: Answers = AWKWARD | {
    "license": "MIT",
    "python_version": "3.13",
    "auth_stack": "jose-passlib",
    "jobs": "postgres",
    "telemetry": "opentelemetry",
    "ci": "gitlab",
    "kubernetes": True,
    "example": True,
}


def python_answers(answers: Answers) -> Answers:
    """Return the answers that change Python files."""
    return {name: answers[name] for name in PYTHON_QUESTIONS}


# Each service runs its own suite, so there are few. Plain and awkward texts alternate.
OTHER_SERVICES = [
    spell_out(variant | {"texts": texts})
    for variant, texts in zip(
        all_pairs({name: values(name) for name in PYTHON_QUESTIONS}), cycle(TEXTS), strict=False
    )
    if variant not in (DEFAULT, python_answers(EVERY_OPTION))
]
SERVICES = [DEFAULT, EVERY_OPTION, *OTHER_SERVICES]
