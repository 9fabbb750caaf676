"""A merge on a branch of its own: the steps in its working tree, and its conflicts."""

import re
from collections.abc import Iterator

from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError
from dev.upgrade.worktree import MERGED, Worktree

# Paths that the command itself writes and commits.
LOCK = "uv.lock"
REVISIONS = "migrations/versions"
CONTRACT = "openapi.json"
WRITTEN = (LOCK, REVISIONS, CONTRACT)
# Git's stages of a conflict: 1 is the base, 2 the project, 3 the change.
DELETED = {1, 3}
SERVERS = re.compile(rb"^\s*(?:export\s+)?(?:\w*DATABASE_URL|REDIS_URL)\s*=.*$", re.I | re.M)
MARKER = re.compile(rb"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)


class MergeBranch(Worktree):
    """The branch of a merge, which this code creates, commits to and completes."""

    def make(self) -> None:
        """Create the branch and its working tree from the project's current commit."""
        self.record.begin(self.root)
        at = ("-b", self.purpose.branch, str(self.root), self.project.head)
        self.project.git("worktree", "add", "--quiet", "--no-track", *at)
        self._bring_settings()

    def pick(self, commit: str) -> dict[str, set[int]]:
        """Merge the change of a commit, but keep deletions by the owner.

        Return the stages of each file with a conflict, and `DELETED` for each file that the owner
        deleted.
        """
        git = Git(self.root)
        try:
            git("cherry-pick", "--no-commit", commit)
        except CommandError:
            if not self.stages():
                raise
        stages = self.stages()
        for path in [path for path, each in stages.items() if each == DELETED]:
            git("rm", "--quiet", "--force", "--", path)
        return stages

    def call(self, message: str) -> None:
        """Record the title of the merge, which also marks that the merge was not interrupted."""
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
        """Record that the merge is complete, and remove its working tree."""
        self.record.end()
        self.close()

    def refuse_unresolved(self) -> None:
        """Raise `UpgradeError` if conflicts, conflict markers or untracked files are left."""
        git = Git(self.root)
        changed = git.names("diff", "--name-only", "-z", "--diff-filter=d", "HEAD")
        own = [f":(exclude){self.folder.relative_to(self.root) / name}" for name in WRITTEN]
        new = git.names("ls-files", "--others", "--exclude-standard", "-z", "--", ".", *own)
        left = dict.fromkeys(new, "is not added")
        left |= dict.fromkeys(self.stages(), "is not resolved")
        left |= {name: f"line {line} is a conflict marker" for name, line in self._marked(changed)}
        if left:
            listed = "".join(f"\n  {name}: {why}" for name, why in sorted(left.items()))
            raise UpgradeError(f"Resolve these in {self.root.name}, and `git add` them:{listed}")

    def stages(self) -> dict[str, set[int]]:
        """Return the stages that each unmerged file has."""
        stages: dict[str, set[int]] = {}
        for line in Git(self.root).names("ls-files", "--unmerged", "-z"):
            entry, path = line.split("\t", 1)
            stages.setdefault(path, set()).add(int(entry.rsplit(" ", 1)[1]))
        return stages

    def _marked(self, names: list[str]) -> Iterator[tuple[str, int]]:
        """Yield the files that contain conflict markers, each with the line of the first one."""
        for name in names:
            file = self.root / name
            text = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
            if found := MARKER.search(text):
                yield name, text.count(b"\n", 0, found.start()) + 1

    def _commit(self, message: str) -> None:
        try:
            self.git("commit", "--quiet", "--no-verify", "-m", message)
        except CommandError as error:
            raise UpgradeError(
                f"Git cannot commit in {self.purpose.folder}: {error}. Solve that, then run"
                f" `{self.purpose.resume}`."
            ) from None

    def _bring_settings(self) -> None:
        """Copy `.env` to the working tree, without the addresses of servers."""
        own, copy = self.project.folder / ".env", self.folder / ".env"
        if own.is_file() and not copy.exists():
            copy.touch(mode=0o600)
            copy.write_bytes(SERVERS.sub(b"", own.read_bytes()))
