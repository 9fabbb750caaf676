"""The branch `resource-change`, on which an addition to a resource is merged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO

from dev.resource.programs import Programs
from dev.resource.steps import format_modules
from dev.upgrade.git import Git
from dev.upgrade.merging import DELETED, MergeBranch
from dev.upgrade.module_merges import merge_module
from dev.upgrade.programs import environment
from dev.upgrade.project import Project
from dev.upgrade.purpose import ADDITION

# Git's stages of a conflict: 1 is the old recipe, 2 the project, 3 the new recipe.
BOTH = {1, 2, 3}

Files = Mapping[str, str]


@dataclass(frozen=True)
class Addition:
    """The title of an addition, the files of both recipes, and the new text of the recipes."""

    title: str
    before: Files
    after: Files
    recipes: str


@dataclass
class Merge:
    """The commits of both recipes, the files with conflicts, and the files that stay deleted."""

    base: str
    changed: str
    conflicts: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


class AdditionBranch(MergeBranch):
    """The branch of an addition, and its working tree in `.resource`."""

    def __init__(self, project: Project) -> None:
        super().__init__(project, ADDITION)

    def programs(self, lock: IO[str]) -> Programs:
        """Return the runner of programs in the working tree."""
        return Programs(self.folder, lock, environment())

    @property
    def changed_modules(self) -> list[str]:
        """The paths of the Python files that the branch changes."""
        base = self.git("merge-base", "HEAD", self.project.head)
        names = ("--name-only", "-z", "--relative", "--diff-filter=d", base, "--", "*.py")
        return self.git.names("diff", *names)

    def clear_interrupted(self) -> None:
        """Remove the working tree of a killed command that had not merged anything."""
        began = self.record.worktree and not self.record.has_ended
        if began and self._title is None and not self.has_commits:
            self.clear()

    def merge(self, addition: Addition, run: Programs) -> Merge:
        """Merge the difference of the files of two recipes; keep deletions by the owner."""
        base = self._commit_files(addition.before, self.project.head, run)
        merge = Merge(base, self._commit_files(addition.after, base, run))
        self.git("reset", "--quiet", "--hard")
        git = Git(self.root)
        for path, stages in self.pick(merge.changed).items():
            if stages == DELETED:
                merge.deleted.append(self._in_project(path))
            elif stages != BOTH or not merge_module(git, path):
                merge.conflicts.append(self._in_project(path))
        return merge

    def _commit_files(self, files: Files, parent: str, run: Programs) -> str:
        """Commit files in the place of the project's own; return the commit, on no branch."""
        self.git("reset", "--quiet", "--hard")
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        format_modules([*files], run)
        self.git("add", "--force", "--", *files)
        message = ("-m", "the resource by its recipe")
        commit = ("-c", "commit.gpgSign=false", "commit-tree", self.git("write-tree"))
        return self.git(*commit, "-p", parent, *message)

    def _in_project(self, path: str) -> str:
        return path.removeprefix(self.project.prefix)
