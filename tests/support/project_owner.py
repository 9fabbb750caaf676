"""The owner of a rendered project, who upgrades it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.processes import commit, run

BRANCH = "template-upgrade"
PLACE = ".upgrade"
CHECKS = re.compile(r'(?<=^sequence = )\["python", "lock", .*\]$', re.MULTILINE)
ANSWERS = ".copier-answers.yml"


@dataclass(frozen=True)
class Owner:
    """A project in a repository, and the environment variables of its owner."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def upgrade(self, *options: str, code: int = 0, **environment: str) -> str:
        """Run the upgrade command and return its output; check its exit code."""
        return self.python("-m", "dev.upgrade", *options, code=code, **environment)

    def python(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run Python in the project and return its output; check its exit code."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=os.environ | self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def git(self, *arguments: str) -> str:
        """Run Git in the project, and return its output."""
        return run("git", *arguments, cwd=self.folder)

    def edit(self, path: str, before: str, after: str) -> None:
        """Replace a text in a file, and commit the change."""
        file = self.folder / path
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after, 1))
        commit(self.folder, f"Edit {path}")

    def add(self, path: str, text: str) -> None:
        """Append to a file, or write a new one, and commit the change."""
        file = self.folder / path
        with file.open("a") as opened:
            opened.write(text)
        commit(self.folder, f"Add to {path}")

    def remove(self, path: str) -> None:
        """Delete a file, and commit the deletion."""
        self.git("rm", "-q", path)
        commit(self.folder, f"Remove {path}")

    def on_branch(self, path: str) -> str:
        """Return a file of the upgrade branch."""
        return self.git("show", f"{BRANCH}:./{path}")

    def branch_files(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder of the upgrade branch."""
        return self.git("ls-tree", "--name-only", "-r", BRANCH, f"./{folder}").split()

    def state(self) -> tuple[str, str]:
        """Return the current commit, and the uncommitted changes."""
        return self.git("rev-parse", "HEAD"), self.git("status", "--porcelain")

    def left_over(self) -> list[str]:
        """Return the temporary folders that upgrades have left behind."""
        places = [self.folder / PLACE, self.folder / ".git/template-upgrade.scratch"]
        places += (self.folder / ".git/worktrees").glob("*")
        return [str(place) for place in places if place.exists()]

    def branches(self) -> list[str]:
        """Return the names of all branches."""
        return [line[2:] for line in self.git("branch").splitlines()]


def keep(project: Path) -> None:
    """Commit a project to a new repository, and remove the checks that other tests run."""
    pyproject = project / "pyproject.toml"
    text = pyproject.read_text()
    changed, found = CHECKS.subn('["lock", "lint"]', text)
    assert found == 1
    pyproject.write_text(changed)
    run("git", "init", "-q", cwd=project)
    commit(project, "First")
