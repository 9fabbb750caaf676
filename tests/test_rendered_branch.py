"""The release workflow publishes the default service on the branch `rendered`."""

from pathlib import Path

import pytest

from tests.support.files import files
from tests.support.processes import commit, run
from tests.support.variants import ROOT

SCRIPT = ROOT / "scripts/publish-rendered.sh"


@pytest.fixture
def origin(template: Path, tmp_path: Path) -> Path:
    """Return a repository of the template to which its clone `clone` pushes."""
    run("git", "clone", "-q", "--bare", template, "origin.git", cwd=tmp_path)
    run("git", "clone", "-q", "origin.git", "clone", cwd=tmp_path)
    return tmp_path / "origin.git"


def publish(origin: Path, version: str) -> list[str]:
    """Publish a release from the clone; return the messages of the branch, the newest first."""
    run("bash", SCRIPT, origin, version, cwd=origin.with_name("clone"))
    return run("git", "log", "--format=%s", "rendered", cwd=origin).splitlines()


def test_each_release_is_published_as_one_commit_of_the_rendered_service(
    origin: Path, default: Path, tmp_path: Path
) -> None:
    clone = origin.with_name("clone")

    assert publish(origin, "v1.0.0") == ["Render v1.0.0"]
    assert publish(origin, "v1.0.0") == ["Render v1.0.0"]  # a workflow may run again
    with (clone / "template/AGENTS.md.jinja").open("a") as changed:
        changed.write("\nOne more line.\n")
    commit(clone, "Add a line")
    run("git", "tag", "v1.1.0", cwd=clone)
    run("git", "push", "-q", "origin", "v1.1.0", cwd=clone)
    assert publish(origin, "v1.1.0") == ["Render v1.1.0", "Render v1.0.0"]

    run("git", "clone", "-q", "--branch", "rendered", "origin.git", "looked-at", cwd=tmp_path)
    published = files(tmp_path / "looked-at")
    rendered = {f"my-service/{path}": data for path, data in files(default).items()}
    different = {path for path in published if published[path] != rendered.get(path)}
    assert published.keys() == rendered.keys()
    assert different == {"my-service/AGENTS.md", "my-service/.copier-answers.yml"}
    assert "v1.1.0" in published["my-service/.copier-answers.yml"].decode()
    assert run("git", "status", "--porcelain", cwd=clone) == ""
