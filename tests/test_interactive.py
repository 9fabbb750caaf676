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


def test_pressing_enter_at_every_question_renders_the_default_project(
    template: Path, default: Path, tmp_path: Path
) -> None:
    terminal = pexpect.spawn(
        str(BIN / "copier"),
        ["copy", "--vcs-ref", "HEAD", str(template), str(tmp_path / "out")],
        # The terminal of a test does not say where its cursor is.
        env=os.environ | {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"},
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=SECONDS,
    )
    for question in QUESTIONS.values():
        terminal.expect_exact(question["help"])
        terminal.send("\r")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0
    assert files(tmp_path / "out") == files(default)
