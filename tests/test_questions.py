"""The questions: invalid answers, defaults and special characters."""

import ast
import json
import re
import tomllib
from pathlib import Path

import copier
import pytest
import yaml

from tests.support.processes import CommandFailedError, run, uv
from tests.support.services import Render
from tests.support.variants import AWKWARD, CLOSED, QUESTIONS, ROOT, values

pytestmark = pytest.mark.renders

NAME, DESCRIPTION, USER_NAME = "Try My Service (", "Try Sells tea. (", "Try Ada Lovelace ("
LENGTH, LETTERS = "Try my-service (1-40 characters)", "Try my-service (a-z, 0-9 and -)"
DIGIT, HYPHENS = "Try my-service (a letter first)", "Try my-service (single - inside)"
TAKEN = "Try my-api (no dependency's name)"
WORD = "Try my-{} (no YAML keyword)"
EMAIL = "Try ada@example.com (one address)"
YES_OR_NO = "{} is true or false: it cannot be {}."

NO_LINES = ["", " ", " a", "a ", "a\n", "a\nb", "a\tb", "\x00", "\x1b[1m", "a\u2028b", "a\u202eb"]
JINJA = ["{{ project_slug }}", "{% if x %}", "{# x #}"]
NO_SLUGS = ["My", "my service", "my_service", "é", "a\n", 'a"b', "{a}"]
NO_EMAILS = ["", "ada", "ada@example", "a b@example.com", 'a"@example.com', "@example.com"]
NO_SINGLE_EMAILS = ["ada@example.com\n", "ada@example.com, bob@example.com", "x" * 250 + "@x.com"]

REFUSED = [
    *[("project_name", bad, NAME) for bad in [*NO_LINES, *JINJA, "x" * 61]],
    *[("description", bad, DESCRIPTION) for bad in [*NO_LINES, *JINJA, "x" * 161]],
    *[("user_name", bad, USER_NAME) for bad in [*NO_LINES, *JINJA, "x" * 101]],
    *[("project_slug", bad, LENGTH) for bad in ["", "a" * 41]],
    *[("project_slug", bad, LETTERS) for bad in NO_SLUGS],
    *[("project_slug", bad, HYPHENS) for bad in ["-a", "a-", "a--b", "-"]],
    ("project_slug", "1st", DIGIT),
    *[("user_email", bad, EMAIL) for bad in [*NO_EMAILS, *NO_SINGLE_EMAILS]],
    *[("project_slug", bad, WORD.format(bad)) for bad in ["null", "on", "true"]],
    # If the name does not begin with a Latin letter, or is taken, the slug must be given.
    ("project_name", "Служба", LENGTH),
    ("project_name", "3D Printing", DIGIT),
    ("project_name", "Redis", TAKEN),
    ("license", "GPL", "Invalid choice"),
    ("python_version", "3.10", "Invalid choice"),
    ("kubernetes", "maybe", YES_OR_NO.format("kubernetes", "maybe")),
    ("kubernetes", "", YES_OR_NO.format("kubernetes", "")),
    ("example", "never", YES_OR_NO.format("example", "never")),
    ("example", "2", YES_OR_NO.format("example", "2")),
    ("kubernets", "true", "There is no question kubernets. The questions are project_name, "),
    ("Jobs", "postgres", "There is no question Jobs. The questions are project_name, "),
]


@pytest.mark.parametrize(("question", "bad", "sentence"), REFUSED)
def test_an_invalid_answer_is_rejected_with_its_error_message(
    download: Path, tmp_path: Path, question: str, bad: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        copier.run_copy(str(download), tmp_path / "out", {question: bad}, defaults=True, quiet=True)

    assert not (tmp_path / "out").exists()


def test_the_oldest_supported_copier_rejects_invalid_answers(
    download: Path, tmp_path: Path
) -> None:
    oldest = yaml.safe_load((ROOT / "copier.yml").read_text())["_min_copier_version"]
    python = [uv(), "run", "--quiet", "--no-project", "--with", f"copier=={oldest}", "python"]
    script = ROOT / "tests/support/copier_refusals.py"
    pairs = json.dumps([(question, bad) for question, bad, _ in REFUSED])
    version, *said = json.loads(run(*python, script, download, pairs, cwd=tmp_path))

    assert version == oldest
    for (_, bad, sentence), reason in zip(REFUSED, said, strict=True):
        assert sentence in reason, bad


def test_the_error_is_the_last_line_of_copiers_output(download: Path, tmp_path: Path) -> None:
    answer = "project_slug=My Service"
    with pytest.raises(CommandFailedError) as refused:
        run("copier", "copy", "--defaults", "-d", answer, download, "out", cwd=tmp_path)

    assert str(refused.value).splitlines()[-1].endswith(LETTERS)
    assert not [*tmp_path.iterdir()]


def test_rendering_with_defaults_records_the_expected_answers(default: Path) -> None:
    answers = yaml.safe_load((default / ".copier-answers.yml").read_text())

    assert {key: answer for key, answer in answers.items() if key[0] != "_"} == {
        "project_name": "My Service",
        "project_slug": "my-service",
        "description": "A FastAPI service.",
        "user_name": "My Service developers",
        "user_email": "developers@example.com",
        "license": "proprietary",
        "python_version": "3.14",
        "auth_stack": "pyjwt-pwdlib",
        "jobs": "none",
        "telemetry": "none",
        "ci": "github",
        "kubernetes": False,
        "example": True,
    }


@pytest.mark.parametrize(
    ("project_name", "slug"),
    [
        ("My  Service", "my-service"),
        ("Café & Bar!", "cafe-bar"),
        ("Crème & Co", "creme-co"),
        ("Cre\u0300me & Co", "creme-co"),
        ("Łódź ISTANBUL İzmir ışık", "lodz-istanbul-izmir-isik"),
        ("Straße Ærø Þór Ñandú", "strasse-aero-thor-nandu"),
        ("Phở Œuvre Đà Nẵng Ştefan", "pho-oeuvre-da-nang-stefan"),
        ("a Служба", "a"),
        ("x" * 60, "x" * 40),
    ],
)
def test_the_slug_is_derived_from_the_name(render: Render, project_name: str, slug: str) -> None:
    answers = yaml.safe_load(
        (render(project_name=project_name) / ".copier-answers.yml").read_text()
    )

    assert answers["project_slug"] == slug


def test_every_question_is_one_short_sentence() -> None:
    for question in QUESTIONS.values():
        assert 10 <= len(question["help"]) <= 80
        assert re.fullmatch(r"[A-Z][^?]*\?( \(.*\))?", question["help"])


def test_the_default_of_every_closed_question_is_one_of_its_choices() -> None:
    for question in CLOSED:
        assert QUESTIONS[question]["default"] in values(question)


def test_special_characters_in_answers_are_escaped_in_every_format(render: Render) -> None:
    project = render(**AWKWARD)
    metadata = tomllib.loads((project / "pyproject.toml").read_text())["project"]

    assert metadata["description"] == AWKWARD["description"]
    assert metadata["authors"] == [{"name": AWKWARD["user_name"], "email": AWKWARD["user_email"]}]
    tree = ast.parse((project / "src/app/project.py").read_text())
    named = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    names = ("project_name", "project_slug", "description", "user_name", "user_email")
    assert [*named.values()][:5] == [AWKWARD[name] for name in names]
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert {key: answers[key] for key in AWKWARD} == AWKWARD


def test_the_widest_project_name_fits_the_line_length(render: Render) -> None:
    project = render(project_name="中" * 60, project_slug="wide")

    run("ruff", "format", "--no-cache", "--check", ".", cwd=project)
    run("ruff", "check", "--no-cache", ".", cwd=project)
