"""A project in a folder of a repository with a uv workspace, as the how-to describes."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.documented_commands import COPY_WORKFLOWS, MONOREPO, blocks
from tests.support.processes import CommandFailedError, run, uv
from tests.support.services import Render

FOLDER = "services/shop"
ROOT_PROJECT = '[project]\nname = "root"\nversion = "1"\nrequires-python = ">=3.11"\n\n'
(WORKSPACE,) = blocks(MONOREPO, "toml")
(PIPELINE,) = blocks(MONOREPO, "yaml")


def repository(folder: Path, project: Path, workspace: str = WORKSPACE) -> Path:
    """Create a workspace in a folder, with another member, and copy a project into it."""
    (folder / "services/other").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(ROOT_PROJECT + workspace)
    (folder / "services/other/pyproject.toml").write_text(ROOT_PROJECT.replace("root", "other"))
    shutil.copytree(project, folder / FOLDER)
    return folder


def merge(included: Any, own: Any) -> Any:  # noqa: ANN401
    """Merge an included pipeline as GitLab does: mappings are merged, all others are replaced."""
    if not (isinstance(included, dict) and isinstance(own, dict)):
        return own
    both = {name: merge(included[name], own[name]) for name in included.keys() & own}
    return included | own | both


def test_a_project_in_a_uv_workspace_has_its_own_lock_file(default: Path, tmp_path: Path) -> None:
    """CFG-07. The Dockerfile and the pipelines read the lock file beside pyproject.toml."""
    root = repository(tmp_path / "repository", default)

    for place in (root / FOLDER, root / "services/other"):
        run(uv(), "lock", cwd=place)
        run(uv(), "lock", "--check", cwd=place)

    lock = (root / FOLDER / "uv.lock").read_text()
    assert 'name = "my-service"' in lock
    assert 'name = "other"' not in lock
    assert 'name = "other"' in (root / "uv.lock").read_text()
    assert 'name = "my-service"' not in (root / "uv.lock").read_text()


def test_a_workspace_that_does_not_exclude_the_project_is_refused_at_once(
    default: Path, tmp_path: Path
) -> None:
    included = "\n".join(line for line in WORKSPACE.splitlines() if "exclude" not in line)
    root = repository(tmp_path / "repository", default, included)

    for place in (root, root / "services/other"):
        with pytest.raises(CommandFailedError, match=r"Nested\s+workspaces\s+are") as said:
            run(uv(), "lock", cwd=place)
        assert str(said.value).split()[-1] == str(root / FOLDER)  # uv wraps long lines
    run(uv(), "lock", cwd=root / FOLDER)
    assert (root / FOLDER / "uv.lock").exists()


def test_the_copied_workflows_run_in_the_folder_of_the_project(
    default: Path, tmp_path: Path
) -> None:
    root = repository(tmp_path / "repository", default)
    run("bash", "-euc", COPY_WORKFLOWS, cwd=root)

    for name in ("ci", "audit", "publish-image", "upgrade"):
        path = root / f".github/workflows/shop-{name}.yml"
        run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path, cwd=root)
        copied = yaml.safe_load(path.read_text())
        original = yaml.safe_load((default / f".github/workflows/{name}.yml").read_text())
        assert copied["name"] == f"shop {original['name']}"
        for job in original["jobs"].values():
            if "uses" in job:  # another of the workflows
                job["uses"] = job["uses"].replace("workflows/", "workflows/shop-")
                assert (root / job["uses"].removeprefix("$/")).is_file()
        assert copied["jobs"] == original["jobs"]
        assert copied["defaults"] == {"run": {"working-directory": FOLDER}}
    watched = yaml.safe_load((root / ".github/workflows/shop-audit.yml").read_text())[True]
    assert watched["push"]["paths"] == watched["pull_request"]["paths"]
    for path in watched["push"]["paths"]:
        assert path == f"{FOLDER}/uv.lock" or (root / path).is_file()


def test_the_steps_of_the_copied_workflow_find_the_files_of_the_project(
    default: Path, tmp_path: Path
) -> None:
    root = repository(tmp_path / "repository", default)
    run("bash", "-euc", COPY_WORKFLOWS, cwd=root)
    (root / FOLDER / "uv.lock").touch()
    workflow = yaml.safe_load((root / ".github/workflows/shop-ci.yml").read_text())
    folder = root / workflow["defaults"]["run"]["working-directory"]
    steps = {
        step["name"]: step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step
    }
    environment = tmp_path / "environment"

    run("bash", "-euc", steps["Require uv.lock"], cwd=folder)
    run("bash", "-euc", steps["Use the image's Python"], cwd=folder, GITHUB_ENV=str(environment))

    assert environment.read_text() == "UV_PYTHON=3.14\n"


def test_the_included_gitlab_pipeline_runs_in_the_folder_of_the_project(
    render: Render, tmp_path: Path
) -> None:
    root = repository(tmp_path / "repository", render(ci="gitlab"))
    (root / FOLDER / "uv.lock").touch()
    own = yaml.safe_load(PIPELINE)
    pipeline = merge(yaml.safe_load((root / own.pop("include")).read_text()), own)
    (root / ".gitlab-ci.yml").write_text(yaml.safe_dump(pipeline))
    run("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml", cwd=root)
    before, first = pipeline["default"]["before_script"], pipeline["check"]["script"][0]

    run("bash", "-euc", "\n".join([*before, first]), cwd=root, PATH=os.environ["PATH"])

    assert pipeline["default"]["image"].startswith("ghcr.io/astral-sh/uv:")
    assert pipeline["check"]["cache"]["paths"] == [".uv-cache"]
    (changed,) = [rule["changes"] for rule in pipeline["audit"]["rules"] if "changes" in rule]
    assert [path for path in changed if not path.startswith(f"{FOLDER}/")] == []
