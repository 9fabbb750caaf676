"""The project in the current folder, as of its last commit."""

from dataclasses import dataclass
from pathlib import Path

from dev.upgrade import answers
from dev.upgrade.answers import Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError
from dev.upgrade.purpose import UPGRADE, Purpose
from dev.upgrade.record import Record

UNFINISHED = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
SHOWN = 10


@dataclass(frozen=True)
class Project:
    """A project in a Git repository; `prefix` is its folder there, and `head` the last commit."""

    git: Git
    prefix: str
    head: str

    @property
    def folder(self) -> Path:
        """Return the project's folder."""
        return self.git.folder

    @property
    def common(self) -> Path:
        """Return the Git directory that all working trees of the repository share."""
        return self.folder / self.git("rev-parse", "--git-common-dir")

    def text(self, revision: str, path: str) -> str | None:
        """Return the text of a file of the project at a revision, or `None`."""
        return self.git.text(revision, self.prefix + path)


def open_project(folder: Path, purpose: Purpose = UPGRADE) -> Project:
    """Open the project in a folder; for a folder in a working tree, open the original project.

    Raise `UpgradeError` if Git does not work in the folder, or the repository has no commit.
    """
    git = Git(folder)
    try:
        prefix = git("rev-parse", "--show-prefix")
    except CommandError as error:
        raise UpgradeError(f"Git cannot work here: {error}.") from None
    head = git.commit_of("HEAD")
    if head is None:
        raise UpgradeError("There is no commit yet: `git add --all` and `git commit` first.")
    project = Project(git, prefix, head)
    around = Record(git, project.common, purpose).project_around(folder)
    return open_project(around, purpose) if around else project


def refuse_unfinished(project: Project) -> None:
    """Raise `UpgradeError` for an unfinished merge, uncommitted changes or no Git identity."""
    for name, what in UNFINISHED.items():
        if project.git.path(name).exists():
            raise UpgradeError(f"A {what} is under way here: finish it, or `git {what} --abort`.")
    if changed := project.git.names("status", "--porcelain", "-z", "--no-renames", "--", "."):
        listed = "".join(f"\n  {line}" for line in changed[:SHOWN])
        more = f"\n  and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        raise UpgradeError(f"Commit or `git stash --include-untracked` this first:{listed}{more}")
    if not project.git.succeeds("var", "GIT_COMMITTER_IDENT"):
        raise UpgradeError(
            "Git does not know who you are: set `git config user.name` and `user.email`."
        )


def read_answers(project: Project) -> Answers:
    """Return the answers; raise `UpgradeError` if the file is missing, damaged or edited."""
    text = project.text(project.head, answers.FILE)
    if text is None:
        raise UpgradeError(f"{answers.FILE} is missing: {_way_back(project)}.")
    found = Answers.parse(text)
    if found is None:
        raise UpgradeError(f"{answers.FILE} is damaged: {_way_back(project)}.")
    if not found.is_intact():
        raise UpgradeError(
            f"{answers.FILE} was changed by hand: {_way_back(project)}, and change answers with"
            " `uv run poe upgrade --set NAME=VALUE`."
        )
    return found


def _way_back(project: Project) -> str:
    """Return an instruction that restores the last valid answers."""
    history = project.git("log", "--format=%H", "--", answers.FILE).split()
    for commit in history:
        text = project.text(commit, answers.FILE)
        found = Answers.parse(text) if text else None
        if found and found.is_intact():
            restore = f"git restore --source={commit[:12]} {answers.FILE}"
            return f"restore it with `{restore}` and commit it"
    return "restore it from a commit in which it was intact"
