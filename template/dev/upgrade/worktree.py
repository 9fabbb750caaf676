"""The branch and the working tree of a merge, separate from the project's own."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dev.locks import lock_at_once
from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError
from dev.upgrade.project import Project
from dev.upgrade.purpose import PURPOSES, UPGRADE, Purpose
from dev.upgrade.record import Record

FOLDER = UPGRADE.folder
MERGED = "upgrade-merged"
CONTINUE = UPGRADE.resume
ABORT = UPGRADE.abort
STOP_SECONDS = 30


class Worktree:
    """The branch of a merge and its working tree. Each may be missing."""

    def __init__(self, project: Project, purpose: Purpose = UPGRADE) -> None:
        self.project = project
        self.purpose = purpose
        self._common = project.common
        self.record = Record(project.git, project.common, purpose)
        self.root = project.folder.resolve() / purpose.folder
        self.folder = self.root / project.prefix

    @property
    def git(self) -> Git:
        """Return a `Git` that runs in the working tree."""
        return Git(self.folder)

    @contextmanager
    def held(self) -> Iterator[IO[str]]:
        """Lock the project and yield the lock.

        Raise `UpgradeError` if the project is locked, or on the branch of a merge.
        """
        head = self.project.git("rev-parse", "--symbolic-full-name", "HEAD")
        for branch in [each.branch for each in PURPOSES]:
            if head == f"refs/heads/{branch}":
                raise UpgradeError(f"This is branch {branch}: go back to your own branch.")
        with (self._common / f"{self.purpose.branch}.lock").open("w") as lock:
            if not lock_at_once(lock):
                raise UpgradeError(f"Another {self.purpose.noun} is running here: wait for it.")
            yield lock

    def refuse_foreign(self) -> None:
        """Raise `UpgradeError` if no merge here created the existing working tree or branch."""
        self.record.refuse_foreign(self.root, self._branch)
        made, what = self.record.worktree, self.purpose
        if not made or made == self.root or not made.parent.exists():
            return
        if self._branch and self.has_commits:
            raise UpgradeError(
                f"The {what.noun} on branch {what.branch} belongs to {made.parent}: merge it or"
                " drop it there."
            )

    def refuse_unfinished(self, *, clearing: bool) -> None:
        """Raise `UpgradeError` if a merge is in progress or not yet merged.

        With `clearing`, first remove a merged branch and a working tree that is no longer needed.
        """
        self.refuse_foreign()
        what = self.purpose
        if not self.root.exists() and not self._branch:
            return
        if self._branch and not self.has_commits and self._is_disposable:
            if clearing:
                self.clear()
        elif self._is_disposable and (self.record.has_ended or not self.root.exists()):
            if clearing:
                self.close()
            raise UpgradeError(
                f"The {what.noun} on branch {what.branch} is not merged: run"
                f" `git merge {what.branch}`, or drop it with `{what.abort}`. If it was squashed or"
                " rebased, that command removes only the branch."
            )
        elif self._title is None:
            raise UpgradeError(f"An {what.noun} was interrupted: remove it with `{what.abort}`.")
        else:
            raise UpgradeError(
                f"An {what.noun} is under way in {what.folder}: go on with `{what.resume}`, or"
                f" drop it with `{what.abort}`."
            )

    def read_title(self) -> str:
        """Return the title of the merge; raise `UpgradeError` if no title is recorded."""
        if (title := self._title) is None:
            self.refuse_unfinished(clearing=False)
            raise UpgradeError(f"There is no {self.purpose.noun} to continue.")
        return title

    @property
    def _title(self) -> str | None:
        try:
            return self.path(MERGED).read_text("utf-8")
        except (CommandError, OSError):
            return None

    def path(self, name: str) -> Path:
        """Return a path in the tree's Git directory; raise `CommandError` if there is no tree."""
        if not (self.root / ".git").is_file():
            raise CommandError(f"{self.purpose.folder} is no working tree")
        return self.git.path(name)

    def forget_databases(self) -> None:
        """Wait for the end of the development servers, and remove their data.

        Raise `UpgradeError` if a server still runs after `STOP_SECONDS`.
        """
        deadline = time.monotonic() + STOP_SECONDS
        for name in self.folder.glob(".data/*/server.lock"):
            with name.open("a") as lock:  # the server holds the lock until it has ended
                while not lock_at_once(lock):
                    if time.monotonic() > deadline:
                        raise UpgradeError(f"A server runs in {name.parent}: stop what uses it.")
                    time.sleep(0.05)
        shutil.rmtree(self.folder / ".data", ignore_errors=True)

    def close(self) -> None:
        """Remove the working tree; the branch stays."""
        self.forget_databases()
        # Remove these files first, so that an interrupted removal leaves no valid working tree.
        with suppress(CommandError, OSError):
            self.path(MERGED).unlink()
        with suppress(OSError):
            (self.root / ".git").unlink()
        try:
            if self.root.is_dir():
                shutil.rmtree(self.root)
        except OSError as error:
            raise UpgradeError(f"{error.filename} cannot be removed: {error.strerror}.") from None
        for entry in (self._common / "worktrees").glob("*"):
            if self._belongs_here(entry):
                shutil.rmtree(entry)

    def clear(self) -> bool:
        """Remove the working tree and the branch at any stage; return whether either existed."""
        self.refuse_foreign()
        if not self.record.worktree:
            return False
        was_there = self.root.exists() or self._branch is not None
        self.close()
        (self._common / f"refs/heads/{self.purpose.branch}.lock").unlink(missing_ok=True)
        if self._branch:
            self.project.git("branch", "--quiet", "-D", self.purpose.branch)
        self.record.forget()
        return was_there

    @property
    def _branch(self) -> str | None:
        return self.project.git.commit_of(f"refs/heads/{self.purpose.branch}")

    @property
    def has_commits(self) -> bool:
        """Return whether the branch has commits that the project lacks."""
        branch = self._branch or self.project.head
        return not self.project.git.succeeds("merge-base", "--is-ancestor", branch, "HEAD")

    @property
    def _is_disposable(self) -> bool:
        """Return whether the working tree is missing, partly removed or unchanged on its branch."""
        if not self.root.exists():
            return True
        if not (self.root / ".git").is_file():
            return self.record.has_ended
        head = self.git("rev-parse", "--symbolic-full-name", "HEAD")
        return head == f"refs/heads/{self.purpose.branch}" and not self.git("status", "--porcelain")

    def _belongs_here(self, entry: Path) -> bool:
        """Return whether an entry in Git's `worktrees`, even a broken one, belongs to this tree."""
        try:
            return Path((entry / "gitdir").read_text().strip()).parent == self.root
        except OSError:
            return entry.name.lstrip("-.").startswith(self.purpose.folder.lstrip("."))
