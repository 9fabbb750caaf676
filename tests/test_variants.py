"""The files that are rendered for every answer to every question, and for all pairs of answers."""

import json
import re
import tomllib
from collections.abc import Callable
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import copier
import pytest
import yaml

from tests.support.files import files, texts
from tests.support.function_lengths import check_functions
from tests.support.processes import run
from tests.support.services import Render
from tests.support.variants import CLOSED, VALUES, Answers, each_variant, python_answers, values

# The files that tools check, and the command of each tool.
CHECKS = {
    ".github/workflows/*": ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    ".github/dependabot.yml": ["check-jsonschema", "--builtin-schema", "vendor.dependabot"],
    ".github": ["zizmor", "--offline", "--quiet", "--pedantic"],
    ".gitlab-ci.yml": ["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"],
    "renovate.json": ["check-jsonschema", "--builtin-schema", "vendor.renovate"],
    "compose.yaml": ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"],
    "Dockerfile": ["hadolint"],
    ".devcontainer/Dockerfile": ["hadolint"],
}

TAKEN = "Try my-api (no dependency's name)"


def is_python(path: str) -> bool:
    """Return whether a file is Python whose content depends on the Python questions only."""
    return path.endswith(".py") and path != "src/app/project.py"


@pytest.mark.renders
def test_the_first_variants_cover_every_value_of_every_question() -> None:
    held = {(question, answer) for answers in VALUES for question, answer in answers.items()}

    assert {(question, answer) for question in CLOSED for answer in values(question)} <= held


@each_variant
def test_rendered_python_is_formatted_and_passes_linting(render: Render, answers: Answers) -> None:
    project = render(**answers)

    run("ruff", "format", "--no-cache", "--check", ".", cwd=project)
    run("ruff", "check", "--no-cache", ".", cwd=project)


@each_variant
def test_functions_do_not_exceed_the_maximum_length(render: Render, answers: Answers) -> None:
    check_functions(texts(render(**answers)))


@pytest.fixture(scope="module")
def is_refused(download: Path) -> Callable[[str], bool]:
    """Return a function that checks that the name of a dependency is rejected, once per name."""

    @cache
    def tried(dependency: str) -> bool:
        sentence = TAKEN
        with TemporaryDirectory() as folder, pytest.raises(ValueError, match=re.escape(sentence)):
            copier.run_copy(
                str(download), folder, {"project_slug": dependency}, defaults=True, quiet=True
            )
        return True

    return tried


@each_variant
def test_names_of_dependencies_cannot_be_used_as_project_slug(
    render: Render, is_refused: Callable[[str], bool], answers: Answers
) -> None:
    project = tomllib.loads((render(**answers) / "pyproject.toml").read_text())
    requirements = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *chain.from_iterable(project["dependency-groups"].values()),
    ]

    assert requirements
    for requirement in requirements:
        assert is_refused(re.split(r"[\[<>=;, ]", requirement)[0].lower())


@each_variant
def test_toml_yaml_and_json_files_can_be_parsed(render: Render, answers: Answers) -> None:
    for path, text in texts(render(**answers)).items():
        if path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith((".yml", ".yaml")):
            assert [*yaml.safe_load_all(text)]
        elif path.endswith(".json"):
            json.loads(text)


@each_variant
def test_rendered_files_pass_schema_checks_and_linters(render: Render, answers: Answers) -> None:
    project = render(**answers)
    for pattern, command in CHECKS.items():
        if found := [*project.glob(pattern)]:
            run(*command, *found, cwd=project)


@each_variant
def test_rendered_files_contain_no_jinja(render: Render, answers: Answers) -> None:
    for path, text in texts(render(**answers)).items():
        # Expressions of GitHub, ${{ ... }}, and of alerts, {{ $labels... }}, are not Jinja.
        ours = r"(?<!\$)\{\{ (?!\$labels\b).*? \}\}|\{% .*? %\}|\{# .*? #\}"
        assert path.endswith(".j2") or not re.findall(ours, text), path


@each_variant
def test_no_file_mentions_the_template(render: Render, template: Path, answers: Answers) -> None:
    for path, text in texts(render(**answers)).items():
        if path != ".copier-answers.yml":
            assert "copier-fastapi" not in text, path
            assert str(template) not in text, path


@each_variant
def test_rendering_twice_gives_identical_files(
    render: Render, template: Path, tmp_path: Path, answers: Answers
) -> None:
    copier.run_copy(str(template), tmp_path, answers, defaults=True, quiet=True, vcs_ref="HEAD")

    assert files(tmp_path) == files(render(**answers))


@each_variant
def test_python_files_depend_only_on_the_python_questions(render: Render, answers: Answers) -> None:
    few = python_answers(answers)

    assert {path: text for path, text in texts(render(**answers)).items() if is_python(path)} == {
        path: text for path, text in texts(render(**few)).items() if is_python(path)
    }
