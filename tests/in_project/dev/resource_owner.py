"""The owner of a project with a generated resource, who edits it and adds to it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BRANCH = "resource-change"
PLACE = ".resource"
RECIPE = (
    *("invoice", "number:str:max=40:unique", "amount:decimal:12.2:ge=0"),
    *("status:enum:draft,sent:default=draft", "notes:text:optional"),
)
ADD = ("invoice", "--add", "paid_at:datetime:optional")
MODEL = "src/app/models/invoice.py"
LAST_FIELD = "    notes: Mapped[str | None] = mapped_column(Text)\n"
EDITED_FIELD = LAST_FIELD.replace("Text", 'Text, comment="Mine"')
# Runs `poe resource` without servers: it writes a revision of one line, and runs no tests, which
# fail if there is a FAILURE.
RUN = """\
import os, runpy
from contextlib import nullcontext
from types import SimpleNamespace
from dev import workspace
from dev.resource import programs

run_program = programs.Programs.__call__

def run(self, *command, **how):
    if "pytest" in command and "FAILURE" in os.environ:
        raise programs.StepError(os.environ["FAILURE"] + "\\n\\n" + how["failure"])
    if "dev.revision" in command:
        (self.folder / "migrations/versions/added.py").write_text(f"# {command[-1]}\\n")
    elif not {"dev.resource.revision", "pytest"} & {*command}:
        return run_program(self, *command, **how)
    return ""

programs.Programs.__call__ = run
workspace.workspace = lambda _: nullcontext(SimpleNamespace(environ=os.environ))
runpy.run_module("dev.resource", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class ResourceOwner:
    """A project in a repository."""

    folder: Path

    def resource(self, *arguments: str, code: int = 0, place: str = ".", **environ: str) -> str:
        """Run `poe resource` without servers and return its output; check its exit code."""
        done = subprocess.run(
            [sys.executable, "-c", RUN, *arguments],
            cwd=self.folder / place,
            env=os.environ | {"PYTHONPATH": "src"} | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def git(self, *arguments: str, place: str = ".") -> str:
        """Run Git in the project, and return its output."""
        command = ("git", *arguments)
        return subprocess.check_output(command, cwd=self.folder / place, text=True)

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "Edit")

    def edit(self, path: str, before: str, after: str) -> None:
        """Replace a text in a file, and commit the change."""
        file = self.folder / path
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after, 1))
        self.commit()

    def on_branch(self, path: str) -> str:
        """Return a file of the branch."""
        return self.git("show", f"{BRANCH}:{path}")

    def state(self) -> tuple[str, str]:
        """Return the current commit, and the uncommitted changes."""
        return self.git("rev-parse", "HEAD"), self.git("status", "--porcelain")

    def is_clean(self) -> bool:
        """Return whether neither a branch nor a working tree is left."""
        trees = len(self.git("worktree", "list").splitlines())
        return trees == 1 and not self.git("branch", "--list", BRANCH) and not self._place.exists()

    @property
    def _place(self) -> Path:
        return self.folder / PLACE
