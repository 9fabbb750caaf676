"""A copy of this project in a repository, in which commands of its own run."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

COMMIT = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet")


@dataclass
class Repository:
    """A copy of this project, and the URL of a server for its commands."""

    folder: Path
    server: str

    def git(self, *arguments: str) -> str:
        """Run Git in the project, and return its output."""
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def commit(self) -> None:
        """Commit all files."""
        self.git("add", "--all")
        self.git(*COMMIT, "--allow-empty", "--message=all")

    def start(
        self, module: str, *arguments: str, server: str | None = None, **environ: str
    ) -> subprocess.Popen[str]:
        """Start a command of the project."""
        own = {"TEST_DATABASE_URL": server or self.server, "PYTHONPATH": "src"}
        ceiling = {"GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env=os.environ | own | ceiling | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, module: str, *arguments: str, **environ: str) -> tuple[int, str]:
        """Run a command of the project; return its exit code and output."""
        with self.start(module, *arguments, **environ) as process:
            output, _ = process.communicate()
        return process.returncode, output
