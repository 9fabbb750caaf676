"""The steps of an upgrade on its branch, in its working tree."""

import re
import shutil
from pathlib import Path

import dev
import upgrade
from dev.upgrade.errors import UpgradeError
from dev.upgrade.handover import KEPT, VERSION
from dev.upgrade.programs import CommandError
from dev.upgrade.record import BRANCH
from dev.upgrade.worktree import CONTINUE, FOLDER, MERGED, Worktree

LOCK = "uv.lock"
REVISIONS = "migrations/versions"
SERVERS = re.compile(rb"^\s*(?:export\s+)?(?:\w*DATABASE_URL|REDIS_URL)\s*=.*$", re.I | re.M)


class Branch(Worktree):
    """The branch of an upgrade, which this code creates, commits to and completes."""

    def make(self) -> None:
        """Create the branch and its working tree from the project's current commit."""
        self.record.begin(self.root)
        at = ("-b", BRANCH, str(self.root), self.project.head)
        self.project.git("worktree", "add", "--quiet", "--no-track", *at)
        self._bring_settings()

    def keep_code(self, version: str) -> None:
        """Save a copy of the running code, for `--continue` and `--rewrite-imports`."""
        folder = self.path(KEPT)
        for package in (dev, upgrade):
            source = Path(package.__file__ or "").parent
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / package.__name__, ignore=unwanted)
        (folder / VERSION).write_text(version, "utf-8")

    def call(self, message: str) -> None:
        """Record the title of the upgrade, which also marks that the merge was not interrupted."""
        note = self.path(MERGED)
        draft = note.with_suffix(".new")
        draft.write_text(message, "utf-8")
        draft.rename(note)

    def commit(self, message: str, *new: str) -> None:
        """Commit changed files, and new files in the paths `new`; do nothing if there are none."""
        self.git("add", "--update")
        others = ("ls-files", "--others", "--exclude-standard", "-z", "--", *new)
        if new and (added := self.git.names(*others)):
            self.git("add", "--", *added)
        if not self.git.succeeds("diff", "--cached", "--quiet"):
            self._commit(message)

    def end(self) -> None:
        """Record that the upgrade is complete, and remove its working tree."""
        self.record.end()
        self.close()

    def _commit(self, message: str) -> None:
        try:
            self.git("commit", "--quiet", "--no-verify", "-m", message)
        except CommandError as error:
            raise UpgradeError(
                f"Git cannot commit in {FOLDER}: {error}. Solve that, then run `{CONTINUE}`."
            ) from None

    def _bring_settings(self) -> None:
        """Copy `.env` to the working tree, without the addresses of servers."""
        own, copy = self.project.folder / ".env", self.folder / ".env"
        if own.is_file() and not copy.exists():
            copy.touch(mode=0o600)
            copy.write_bytes(SERVERS.sub(b"", own.read_bytes()))
