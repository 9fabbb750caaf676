"""The weekly job with the real upgrade command."""

from pathlib import Path

from tests.support.git_server import TOKEN, serving
from tests.support.processes import commit, run, uv
from tests.support.weekly_job import BRANCH, GH, Project, steps_of, variables, write_command


def test_the_job_opens_one_pull_request(releases: Path, commands: str, tmp_path: Path) -> None:
    work = tmp_path / "work"
    copy = ["copier", "copy", "--defaults", "--quiet", "--vcs-ref", "v1.0.0"]
    run(*copy, f"git+file://{releases}", work, cwd=tmp_path)
    run("git", "init", "-q", cwd=work)
    run(uv(), "lock", "-q", cwd=work)
    commit(work, "First")
    origin = tmp_path / "acme/service.git"
    run("git", "clone", "-q", "--bare", work, origin, cwd=tmp_path)
    write_command(tmp_path / "bin/gh", GH % TOKEN)
    with serving(tmp_path) as address:
        environment = {
            "PATH": f"{tmp_path}/bin:{commands}",
            "REQUESTS": str(tmp_path / "requests"),
            **variables(address),
        }
        project = Project(tmp_path, origin, environment, steps_of(work))
        project.propose("")
        said = project.propose("")

    changed = run("git", "diff", "--name-only", "main", BRANCH, cwd=origin).split()
    # The project has no openapi.json before.
    assert changed == [".copier-answers.yml", "AGENTS.md", "openapi.json"]
    assert "template-upgrade has already been pushed." in said
    assert sum(line.startswith("pr create") for line in project.requests) == 1
