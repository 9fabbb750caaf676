"""The questions at a terminal."""

import os
from pathlib import Path

import pexpect
import pytest

from tests.support.files import files
from tests.support.processes import BIN
from tests.support.variants import QUESTIONS

pytestmark = pytest.mark.renders

SECONDS = 60
ERASE = "\x15"  # Control-U


def copy(template: Path, folder: Path, columns: int) -> "pexpect.spawn[str]":
    """Start to render a project in a terminal."""
    return pexpect.spawn(
        str(BIN / "copier"),
        ["copy", "--vcs-ref", "HEAD", str(template), str(folder)],
        # The terminal of a test does not say where its cursor is.
        env=os.environ | {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"},
        encoding="utf-8",
        dimensions=(50, columns),
        timeout=SECONDS,
    )


def test_an_error_is_shown_with_its_example_in_a_terminal_of_80_columns(
    template: Path, tmp_path: Path
) -> None:
    terminal = copy(template, tmp_path / "out", columns=80)
    terminal.expect_exact(QUESTIONS["project_name"]["help"])
    terminal.send("\r")
    terminal.expect_exact(QUESTIONS["project_slug"]["help"])
    terminal.send(f"{ERASE}My App\r")

    terminal.expect_exact("Try my-service (a-z, 0-9 and -)")
    terminal.close(force=True)


def test_pressing_enter_at_every_question_renders_the_default_project(
    template: Path, default: Path, tmp_path: Path
) -> None:
    terminal = copy(template, tmp_path / "out", columns=200)
    for question in QUESTIONS.values():
        terminal.expect_exact(question["help"])
        terminal.send("\r")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0
    assert files(tmp_path / "out") == files(default)
