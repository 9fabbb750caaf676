"""The how-to about changes of the API, and the pipelines that show these changes."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.support.documented_commands import ANNOUNCE, COMPARE, CONTRACT, DESCRIBE, blocks
from tests.support.processes import CommandFailedError, commit, run, uv
from tests.support.services import Install, Render, Service


def types(service: Service, command: str) -> str:
    """Run a documented command in a service."""
    uv_run, task = command.split("poe ", 1)
    assert uv_run == "uv run "
    return service.run("poe", *shlex.split(task))


def of_items(text: str) -> str:
    """Return a text about the notes of the how-to as one about the items of a service."""
    return text.replace("note", "item").replace("text", "price")


@pytest.mark.xdist_group("pyjwt-pwdlib")
def test_a_breaking_change_is_found_and_announced_as_the_how_to_says(
    install: Install, tmp_path: Path
) -> None:
    service = install(auth_stack="pyjwt-pwdlib")
    [printed], [entry] = blocks(CONTRACT, "text"), blocks(CONTRACT, "markdown")
    with pytest.raises(CommandFailedError, match=r"There is no openapi\.json: run `uv run poe con"):
        types(service, "uv run poe contract")
    types(service, DESCRIBE)
    run("git", "init", "-q", "-b", "main", cwd=service.folder)
    commit(service.folder, "Begin")
    run("git", "tag", "v1.2.0", cwd=service.folder)
    assert "no breaking changes since the tag v1.2.0" in types(service, "uv run poe contract")

    schemas = service.folder / "src/app/schemas/item.py"
    output = "    name: str\n    price: Decimal\n"
    assert output in schemas.read_text()
    schemas.write_text(schemas.read_text().replace(output, "    name: str\n"))
    with pytest.raises(CommandFailedError) as failed:
        types(service, "uv run poe contract")
    assert f"\n{of_items(printed)}" in str(failed.value)

    types(service, ANNOUNCE)
    heading, line = of_items(entry).strip().split("\n\n")
    operation, member = re.findall("`[^`]+`", line)
    entries = (service.folder / "CHANGELOG.md").read_text().partition(heading)[2]
    assert all(each in entries for each in (operation, member))
    assert "### Announced\n\n- `GET /api/v1/items`" in types(service, COMPARE)
    assert summary(service, tmp_path / "summary.md").startswith("## Changes of the API\n")


def summary(service: Service, file: Path) -> str:
    """Run the step of GitHub's pipeline that shows the changes; return its text."""
    workflow = yaml.safe_load((service.folder / ".github/workflows/ci.yml").read_text())
    checkout, *_, check, show = workflow["jobs"]["check"]["steps"]
    assert checkout["with"]["fetch-depth"] == 0
    assert check["run"] == "uv run poe check"
    path = f"{Path(uv()).parent}:{service.environment['PATH']}"
    variables = service.environment | {"GITHUB_STEP_SUMMARY": str(file), "PATH": path}
    run("bash", "-euc", show["run"], cwd=service.folder, **variables)
    return file.read_text()


@pytest.mark.renders
def test_the_pipeline_of_gitlab_fetches_the_history_and_keeps_the_changes(render: Render) -> None:
    pipeline = yaml.safe_load((render(ci="gitlab") / ".gitlab-ci.yml").read_text())
    check = pipeline["check"]

    assert check["variables"]["GIT_DEPTH"] == "0"
    assert check["image"].endswith("-trixie")  # with Git
    [show] = check["after_script"]
    assert show == f"uv run poe --quiet contract --markdown > {check['artifacts']['paths'][0]}"
