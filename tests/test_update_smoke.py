"""An update of a project to a later release."""

from pathlib import Path

import copier
import pytest

from tests.support.files import files
from tests.support.processes import commit, run
from tests.support.services import Render
from tests.support.variants import AWKWARD, Answers

REVISION = "migrations/versions/initial.py"
ANSWERS = ".copier-answers.yml"


@pytest.mark.parametrize("answers", [{}, AWKWARD], ids=["default", "awkward"])
def test_an_update_merges_cleanly_and_preserves_migrations(
    releases: Path, render: Render, tmp_path: Path, answers: Answers
) -> None:
    project = tmp_path / "project"
    copier.run_copy(str(releases), project, answers, defaults=True, quiet=True, vcs_ref="v1.0.0")
    run("git", "init", "-q", cwd=project)
    (project / "src/app/mine.py").write_text('"""Written by the owner."""\n')
    commit(project, "First")
    before = files(project)
    copier.run_update(project, defaults=True, overwrite=True, quiet=True)

    changed = run("git", "status", "--porcelain", cwd=project).splitlines()
    assert sorted(changed) == [f" M {ANSWERS}", " M AGENTS.md"]
    after = files(project)
    assert after["AGENTS.md"].endswith(b"\n# Of the second release.\n")
    assert after[REVISION] == before[REVISION] == files(render(**answers))[REVISION]
    assert after[ANSWERS] == before[ANSWERS].replace(b"v1.0.0", b"v1.1.0")


def test_the_message_after_an_update_names_the_steps_that_remain(
    releases: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    copier.run_copy(str(releases), tmp_path, defaults=True, quiet=True, vcs_ref="v1.0.0")
    run("git", "init", "-q", cwd=tmp_path)
    commit(tmp_path, "First")
    capfd.readouterr()

    copier.run_update(tmp_path, defaults=True, overwrite=True)

    said = capfd.readouterr().err
    for step in ("git diff --check", "uv lock", "uv run poe migration", "uv run poe check"):
        assert step in said
