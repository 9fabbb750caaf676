"""Errors in a narrow terminal, and the names and values of answers that are given in advance."""

import re
from pathlib import Path

import copier
import pytest
import yaml

# Copier's prompt shows an error in one line, which is not wrapped.
COLUMNS = 80
TEXTS = ["", "a\tb", " a", "{{ a }}"]
# Invalid answers to the questions whose answer is typed, for each reason of an error.
INVALID = [
    *[("project_name", bad) for bad in [*TEXTS, "x" * 61]],
    *[("description", bad) for bad in [*TEXTS, "x" * 161]],
    *[("user_name", bad) for bad in [*TEXTS, "x" * 101]],
    *[("project_slug", bad) for bad in ["", "a" * 41, "A", "a--b", "1st", "null", "false"]],
    ("project_slug", "opentelemetry-semantic-conventions"),
    ("user_email", "ada"),
]


@pytest.mark.parametrize(("question", "bad"), INVALID)
def test_an_error_fits_a_narrow_terminal_and_begins_with_an_example(
    download: Path, tmp_path: Path, question: str, bad: str
) -> None:
    with pytest.raises(ValueError, match="Validation error") as refused:
        copier.run_copy(str(download), tmp_path / "out", {question: bad}, defaults=True, quiet=True)

    error = str(refused.value)
    assert len(error) <= COLUMNS
    assert re.fullmatch(rf"Validation error for question '{question}': Try .+ \(.+\)", error)


@pytest.mark.parametrize("answer", ["Yes", "on", "TRUE", "1", True])
def test_an_answer_to_a_yes_or_no_question_can_be_given_in_words(
    download: Path, tmp_path: Path, answer: str | bool
) -> None:
    copier.run_copy(
        str(download), tmp_path / "out", {"kubernetes": answer}, defaults=True, quiet=True
    )

    assert (tmp_path / "out/kubernetes").is_dir()


def test_recorded_answers_may_contain_a_question_that_the_template_no_longer_has(
    default: Path, download: Path, tmp_path: Path
) -> None:
    answers = yaml.safe_load((default / ".copier-answers.yml").read_text())
    data = answers | {"color": "red"}
    copier.run_copy(str(download), tmp_path / "out", data, defaults=True, quiet=True)

    assert (tmp_path / "out").is_dir()
