"""Continuous integration proposes the newest release: one request, and no work lost."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from tests.support.documented_commands import blocks
from tests.support.files import files
from tests.support.git_server import TOKEN, serving
from tests.support.processes import CommandFailedError, commit, run
from tests.support.services import Render
from tests.support.weekly_job import (
    BRANCH,
    GH,
    HOOK,
    UV,
    Project,
    steps_of,
    variables,
    write_command,
)


@pytest.fixture(params=["github", "gitlab"])
def project(
    request: pytest.FixtureRequest, render: Render, commands: str, tmp_path: Path
) -> Iterator[Project]:
    """Return a project whose origin is on a forge."""
    rendered = render(ci=request.param)
    origin = tmp_path / "acme/service.git"
    run("git", "init", "-q", "--bare", origin, cwd=tmp_path)
    run("git", "config", "receive.advertisePushOptions", "true", cwd=origin)
    write_command(origin / "hooks/post-receive", HOOK)
    write_command(tmp_path / "bin/uv", UV)
    write_command(tmp_path / "bin/gh", GH % TOKEN)
    work = tmp_path / "work"
    run("git", "clone", "-q", origin, work, cwd=tmp_path)
    for name, data in files(rendered).items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(data)
    commit(work, "First")
    run("git", "push", "-q", "origin", "HEAD", cwd=work)
    with serving(tmp_path, REQUESTS=str(tmp_path / "requests")) as address:
        environment = {
            "PATH": f"{tmp_path}/bin:{commands}",
            "REQUESTS": str(tmp_path / "requests"),
            **variables(address),
        }
        yield Project(tmp_path, origin, environment, steps_of(rendered))


def is_open(project: Project) -> bool:
    """Return whether one request was opened, against main, with the address of the log."""
    said = "\n".join(project.requests)
    opened = len(re.findall(r"^pr create|^merge_request\.create$", said, re.M))
    assert not opened or re.search(r"(?:--base |merge_request\.target=)main\b", said)
    assert not opened or re.search(r"/acme/service/(?:actions/runs|-/jobs)/7\b", said)
    return opened == 1


def test_an_upgrade_to_a_new_release_is_pushed_with_one_pull_request(project: Project) -> None:
    project.propose("v2.0.0")

    assert "_commit: v2.0.0" in project.show(":.copier-answers.yml")
    assert is_open(project)
    assert TOKEN not in json.dumps(project.requests)


def test_proposing_the_same_release_again_changes_nothing(project: Project) -> None:
    project.propose("v2.0.0")
    pushed = project.show("")
    said = project.propose("v2.0.0")

    assert "template-upgrade has already been pushed." in said
    assert project.show("") == pushed
    assert is_open(project)


def test_a_newer_release_or_a_commit_on_main_replaces_the_pushed_upgrade(project: Project) -> None:
    project.propose("v2.0.0")
    project.add_by_hand("mine.txt", "main")
    project.propose("v2.0.0")
    assert project.show(":mine.txt") == "By hand.\n"
    project.propose("v3.0.0")

    assert "_commit: v3.0.0" in project.show(":.copier-answers.yml")
    assert run("git", "rev-list", "--count", f"main..{BRANCH}", cwd=project.origin) == "1\n"


def test_commits_by_others_on_the_upgrade_branch_are_never_overwritten(project: Project) -> None:
    project.propose("v2.0.0")
    project.add_by_hand("mended.txt", BRANCH)

    assert "commits by others and was not changed." in project.propose("v2.0.0")
    with pytest.raises(CommandFailedError, match="There is a newer release, but"):
        project.propose("v3.0.0")
    assert project.show(":mended.txt") == "By hand.\n"


def test_no_pull_request_is_opened_without_a_new_release(project: Project) -> None:
    assert "There is nothing to propose." in project.propose("none")
    assert project.requests == []


def test_the_job_fails_on_a_conflict_and_names_the_command_to_run(project: Project) -> None:
    with pytest.raises(
        CommandFailedError, match=r"It needs you\.\n.*'uv run poe upgrade' in a clone"
    ):
        project.propose("conflict")
    assert run("git", "branch", "--list", BRANCH, cwd=project.origin) == ""


def test_the_job_fails_with_an_invalid_token(project: Project) -> None:
    project.steps = [(step, dict.fromkeys(variables, "wrong")) for step, variables in project.steps]
    with pytest.raises(CommandFailedError, match="Authentication failed"):
        project.propose("v2.0.0")


@pytest.mark.parametrize("project", ["github"], indirect=True)
def test_the_next_run_opens_a_pull_request_that_github_refused(project: Project) -> None:
    with pytest.raises(CommandFailedError, match="allow GitHub Actions to create pull requests"):
        project.propose("v2.0.0", REFUSED="yes")
    project.propose("v2.0.0")

    assert is_open(project)


@pytest.mark.parametrize("block", blocks("docs/how-to/schedule-upgrades.md", "yaml"))
def test_the_how_to_configures_a_token_for_a_private_template(block: str, tmp_path: Path) -> None:
    job = yaml.safe_load(dedent(block))
    settings = job[0]["env"] if isinstance(job, list) else job["variables"]
    address = settings["GIT_CONFIG_VALUE_0"]
    token = re.compile(r"\$\{.*\}")
    settings = {name: token.sub("secret", value) for name, value in settings.items()}

    read = run("git", "ls-remote", "--get-url", f"{address}.git", cwd=tmp_path, **settings)
    assert re.sub(r"//.*:secret@", "//", read) == f"{address}.git\n"
    assert ":secret@" in read
