"""Rendering from every kind of source, with every kind of answers, and without trust."""

from pathlib import Path

import pytest
import yaml

from tests.support.files import files
from tests.support.processes import commit, link_commands, run, uv
from tests.support.services import Render
from tests.support.variants import AWKWARD, ROOT

ANSWERS = ".copier-answers.yml"


def without_source(folder: Path) -> dict[str, bytes]:
    """Return the files of a project, without the lines that name the source of the template."""
    found = files(folder)
    lines = found[ANSWERS].splitlines()
    found[ANSWERS] = b"\n".join(line for line in lines if not line.startswith(b"_"))
    return found


def test_a_download_renders_the_same_files(download: Path, default: Path, tmp_path: Path) -> None:
    run("copier", "copy", "--defaults", download, "out", cwd=tmp_path)

    assert without_source(tmp_path / "out") == without_source(default)


def test_rendering_does_not_require_git(download: Path, default: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    path = link_commands(tmp_path / "bin", without={"git"})
    run("copier", "copy", "--defaults", download, "out", cwd=tmp_path, PATH=path)

    assert without_source(tmp_path / "out") == without_source(default)


def test_a_url_renders_the_newest_release(template: Path, default: Path, tmp_path: Path) -> None:
    run("git", "clone", "-q", template, "origin", cwd=tmp_path)
    (tmp_path / "origin/template/UNRELEASED.md").touch()
    commit(tmp_path / "origin", "Not released yet")
    run("copier", "copy", "--defaults", f"git+file://{tmp_path}/origin", "out", cwd=tmp_path)

    assert without_source(tmp_path / "out") == without_source(default)
    answers = yaml.safe_load((tmp_path / "out" / ANSWERS).read_text())
    assert answers["_commit"] == "v1.0.0"


def test_uncommitted_changes_of_a_checkout_are_rendered(template: Path, tmp_path: Path) -> None:
    run("git", "clone", "-q", template, "checkout", cwd=tmp_path)
    with (tmp_path / "checkout/template/CHANGELOG.md").open("a") as changelog:
        changelog.write("\nAn uncommitted line.\n")
    (tmp_path / "checkout/template/untracked.txt").write_text("An untracked file.\n")
    run("copier", "copy", "--defaults", "-r", "HEAD", "checkout", "out", cwd=tmp_path)

    assert (tmp_path / "out/CHANGELOG.md").read_text().endswith("\nAn uncommitted line.\n")
    assert (tmp_path / "out/untracked.txt").read_text() == "An untracked file.\n"


def test_answers_can_be_read_from_a_file(download: Path, render: Render, tmp_path: Path) -> None:
    (tmp_path / "answers.yml").write_text(yaml.safe_dump(AWKWARD, sort_keys=False))
    options = ["--defaults", "--data-file", "answers.yml"]
    run("copier", "copy", *options, download, "out", cwd=tmp_path)

    assert without_source(tmp_path / "out") == without_source(render(**AWKWARD))


def test_the_oldest_supported_copier_renders_the_same_files(
    template: Path, default: Path, tmp_path: Path
) -> None:
    oldest = yaml.safe_load((ROOT / "copier.yml").read_text())["_min_copier_version"]
    copier = [uv(), "tool", "run", "--quiet", f"copier@{oldest}"]
    run(*copier, "copy", "--defaults", template, "out", cwd=tmp_path)

    assert without_source(tmp_path / "out") == without_source(default)


@pytest.mark.parametrize(
    "setting", ["_tasks", "_migrations", "_jinja_extensions", "_external_data"]
)
def test_the_template_uses_no_setting_that_requires_trust(setting: str) -> None:
    assert setting not in yaml.safe_load((ROOT / "copier.yml").read_text())
