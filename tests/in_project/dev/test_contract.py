"""`poe contract` in a project: its exit codes, its output, and the file that it writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.in_project.dev.copied_project import copy_project

FILE = "openapi.json"
LOGOUT = "POST /api/v1/auth/logout"


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose `openapi.json` is committed."""
    folder = copy_project(tmp_path_factory.mktemp("contract") / "my project")
    assert contract(folder, "--write").returncode == 0
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Begin")
    return folder


@pytest.fixture
def project(committed: Path) -> Path:
    """The project, without the changes of other tests."""
    git(committed, "reset", "--quiet", "--hard")
    return committed


def git(folder: Path, *arguments: str) -> None:
    command = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run([*command, *arguments], cwd=folder, check=True)


def contract(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, whose packages Python finds first."""
    return subprocess.run(
        [sys.executable, "-m", "dev.contract", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "src", "PYTHONSAFEPATH": "", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def edit(project: Path, path: str, old: str, new: str) -> None:
    file = project / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_the_file_of_an_unchanged_app_passes(project: Path) -> None:
    done = contract(project)

    assert done.returncode == 0
    assert done.stdout == "There are no breaking changes since the merge base with main.\n"
    assert done.stderr == ""


def test_the_file_does_not_depend_on_settings(project: Path) -> None:
    (project / ".env").write_text("ROOT_PATH=/shop\nMETRICS_PORT=none\n")
    variables = {"ROOT_PATH": "/shop", "APP_NAME": "Other", "SECRET_KEY": "short"}
    before = (project / FILE).read_bytes()
    done = contract(project, "--write", PYTHONHASHSEED="7", **variables)
    (project / ".env").write_text("")

    assert done.returncode == 0
    assert (project / FILE).read_bytes() == before
    described = json.loads(before)
    assert "servers" not in described
    assert described["info"]["version"] == "1"
    assert b"/shop" not in before
    assert [*described["paths"]] == sorted(described["paths"])


def test_a_missing_file_fails_with_the_command(project: Path) -> None:
    (project / FILE).unlink()
    done = contract(project)

    assert done.returncode == 1
    assert "run `uv run poe contract --write`, and commit the file.\n" in done.stdout


def test_breaking_changes_fail_until_the_changelog_announces_them(project: Path) -> None:
    edit(project, "src/app/api/v1/endpoints/auth.py", '"/logout"', '"/sign-out"')
    line = f"{LOGOUT}: operation removed"

    failed = contract(project)
    assert failed.returncode == 1
    assert f"breaking: {line}\n" in failed.stdout
    assert f"### Removed\n\n- `{LOGOUT}`: operation removed\n" in failed.stdout

    announced = contract(project, "--changelog")
    assert announced.returncode == 0
    assert f"- `{LOGOUT}`: operation removed\n" in (project / "CHANGELOG.md").read_text("utf-8")

    passed = contract(project, "--markdown")
    assert passed.returncode == 0
    assert f"### Announced\n\n- `{LOGOUT}`: operation removed\n" in passed.stdout
    assert "### New operations\n\n- `POST /api/v1/auth/sign-out`\n" in passed.stdout
    assert contract(project, "--changelog").stdout.endswith(
        "There are no breaking changes to announce since the merge base with main.\n"
    )


def test_markdown_names_the_breaking_changes_and_fails(project: Path) -> None:
    edit(project, "src/app/api/v1/endpoints/auth.py", '"/logout"', '"/sign-out"')
    done = contract(project, "--markdown")

    assert done.returncode == 1
    assert done.stdout.startswith(f"## Changes of the API\n\n{FILE} is not what the app says")
    assert f"### Breaking\n\n- `{LOGOUT}`: operation removed\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--base", "v9"], 1, "Git knows no revision 'v9' here: fetch it, or name another.\n"),
        (["--writ", "x"], 2, "unrecognized arguments: x\n"),
    ],
)
def test_a_wrong_argument_is_reported_in_a_sentence(
    project: Path, arguments: list[str], code: int, message: str
) -> None:
    done = contract(project, *arguments)

    assert done.returncode == code
    assert done.stderr.endswith(message)


def test_a_file_that_cannot_be_written_is_reported_in_a_sentence(project: Path) -> None:
    (project / FILE).unlink()
    (project / FILE).mkdir()
    done = contract(project, "--write")

    assert done.returncode == 1
    assert done.stderr == (
        f"Cannot use {project / FILE} (Is a directory): move it, and run"
        " `uv run poe contract --write`.\n"
    )


def test_an_app_that_cannot_be_imported_is_reported_in_a_sentence(project: Path) -> None:
    edit(project, "src/app/main.py", '"""Creates the application."""', "import nothing_here")
    done = contract(project)

    assert done.returncode == 1
    assert done.stderr == (
        "The app cannot describe its API (ModuleNotFoundError: No module named 'nothing_here'):"
        " `uv run app openapi` shows the traceback.\n"
    )
