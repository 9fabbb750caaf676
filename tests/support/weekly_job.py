"""The weekly job that proposes an upgrade, and replacements for the commands that it runs."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.git_server import TOKEN
from tests.support.processes import commit, run

BRANCH = "template-upgrade"
# Replaces `uv run --locked poe upgrade --no-check`, with the same commits and exit codes.
UV = """\
#!/bin/bash
set -eu
[ "$*" = "run --locked poe upgrade --no-check" ]
[ -z "${TEMPLATE_UPGRADE_TOKEN-}" ]
[ "$RELEASE" != conflict ] || { echo "It needs you."; exit 1; }
[ "$RELEASE" != none ] || exit 0
git switch --quiet --create template-upgrade
sed -i "s/^_commit: .*/_commit: $RELEASE/" .copier-answers.yml
git commit --quiet --all --message "Upgrade to $RELEASE"
git switch --quiet -
"""
# Replaces `gh`: it records pull requests, and fails to create one if REFUSED is set.
GH = """\
#!/bin/bash
set -eu
[ "$GH_TOKEN $GH_REPO" = "%s acme/service" ]
echo "$*" >> "$REQUESTS"
case "$2" in
list) grep --count "^pr create" "$REQUESTS" || true ;;
create) [ -z "${REFUSED-}" ] || { sed -i '$d' "$REQUESTS"; exit 1; } ;;
esac
"""
HOOK = """\
#!/bin/bash
for ((each = 0; each < ${GIT_PUSH_OPTION_COUNT:-0}; each++)); do
    option=GIT_PUSH_OPTION_$each
    echo "${!option}" >> "$REQUESTS"
done
"""


@dataclass
class Project:
    """A project on a Git host, and its scheduled job."""

    folder: Path
    origin: Path
    environment: dict[str, str]
    steps: list[tuple[str, dict[str, str]]]

    def propose(self, release: str, **environment: str) -> str:
        """Run the job in a fresh clone, as the Git host does every week."""
        clone = self.folder / f"clone-{len([*self.folder.glob('clone-*')])}"
        run("git", "clone", "-q", self.origin, clone, cwd=self.folder)
        said = ""
        for step, variables in self.steps:
            shell = ["bash", "-euo", "pipefail", "-c", step]
            named = {"RELEASE": release} | self.environment | variables | environment
            said += run(*shell, cwd=clone, **named)
        return said

    @property
    def requests(self) -> list[str]:
        """The lines that record requests to the Git host."""
        path = Path(self.environment["REQUESTS"])
        return path.read_text().splitlines() if path.exists() else []

    def show(self, what: str) -> str:
        """Return a file or the newest commit of the upgrade branch on the Git host."""
        return run("git", "show", "--no-patch", f"{BRANCH}{what}", cwd=self.origin)

    def add_by_hand(self, name: str, branch: str) -> None:
        """Commit a file to a branch on the Git host, as a user does."""
        work = self.folder / f"by-hand-{name}"
        run("git", "clone", "-q", "--branch", branch, self.origin, work, cwd=self.folder)
        (work / name).write_text("By hand.\n")
        commit(work, f"Add {name}")
        run("git", "push", "-q", cwd=work)


def steps_of(project: Path) -> list[tuple[str, dict[str, str]]]:
    """Return the commands of the scheduled job that propose an upgrade, with their variables."""
    if (project / ".gitlab-ci.yml").exists():
        job = yaml.safe_load((project / ".gitlab-ci.yml").read_text())["upgrade"]
        return [(line, {"TEMPLATE_UPGRADE_TOKEN": TOKEN}) for line in job["script"]]
    workflow = yaml.safe_load((project / ".github/workflows/upgrade.yml").read_text())
    steps = [step for step in workflow["jobs"]["upgrade"]["steps"] if "upgrade.sh" in str(step)]
    return [(step["run"], dict.fromkeys(step.get("env", {}), TOKEN)) for step in steps]


def write_command(path: Path, text: str) -> None:
    """Write an executable file."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def variables(address: str) -> dict[str, str]:
    """Return the variables that GitHub and GitLab set for a job."""
    return {
        "GITHUB_SERVER_URL": address,
        "GITHUB_REPOSITORY": "acme/service",
        "GITHUB_REF_NAME": "main",
        "GITHUB_RUN_ID": "7",
        "CI_PROJECT_URL": f"{address}/acme/service",
        "CI_COMMIT_BRANCH": "main",
        "CI_JOB_URL": f"{address}/acme/service/-/jobs/7",
    }
