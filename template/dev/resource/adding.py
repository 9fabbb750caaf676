"""`poe resource NAME --add FIELD...`: merges the difference of two recipes on a branch."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from dev.dotenv import write_dotenv
from dev.errors import ServerError
from dev.resource.addition_branch import Addition, AdditionBranch, Merge
from dev.resource.additions import read_addition
from dev.resource.arguments import Command
from dev.resource.programs import UNCHANGED, Programs, StepError
from dev.resource.progress import Progress
from dev.resource.steps import RECIPES, describe_api, format_modules, run_tests
from dev.upgrade.errors import UpgradeError
from dev.upgrade.merging import CONTRACT, REVISIONS
from dev.upgrade.programs import EMPTY
from dev.upgrade.project import open_project, refuse_unfinished
from dev.upgrade.purpose import ADDITION
from dev.upgrade.terminal import say
from dev.workspace import workspace

NEXT_STEPS = f"""
Branch {ADDITION.branch} contains the addition.

  Review it:   git diff HEAD...{ADDITION.branch}
  Merge it:    git merge {ADDITION.branch}, then uv run poe migrate
  Undo it:     {ADDITION.abort}
"""
RESOLVE_STEPS = f"""
Your working tree is unchanged. Solve this in {ADDITION.folder}, `git add` new files and files with
conflicts, and then:

  Continue:    {ADDITION.resume}
  Undo:        {ADDITION.abort}
"""
PREVIEW = f"""
The addition also changes {RECIPES}, and {CONTRACT} if there is one, and writes a revision in
{REVISIONS}.
Nothing was changed: this was a preview."""
CONFLICT = "changed by you and by the addition, at the same places"


def run(command: Command, folder: Path) -> int:
    """Add to a resource, or continue or undo an addition; return the exit code."""
    try:
        if command.abort:
            return abort(folder)
        return resume(folder) if command.resume else add(folder, command)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"`{ADDITION.abort}` removes the unfinished addition.") from None


def add(folder: Path, command: Command) -> int:
    """Merge an addition to a resource of a project, or show it; return the exit code."""
    project = open_project(folder, ADDITION)
    branch = AdditionBranch(project)
    with branch.held() as lock:
        branch.clear_interrupted()
        branch.refuse_unfinished(clearing=True)
        addition = read_addition(project.folder, command)
        refuse_unfinished(project)
        say(f"Merging on branch {ADDITION.branch} ...")
        branch.make()
        merge = branch.merge(addition, branch.programs(lock))
        if command.dry_run:
            _show(branch, merge)
            branch.clear()
            return 0
        return _take(branch, addition, merge, lock)


def resume(folder: Path) -> int:
    """Continue after the user has resolved the conflicts; return the exit code."""
    branch = AdditionBranch(open_project(folder, ADDITION))
    with branch.held() as lock:
        branch.refuse_foreign()
        title = branch.read_title()
        branch.refuse_unresolved()
        return _finish(branch, title, lock)


def abort(folder: Path) -> int:
    """Undo an addition at any stage; return the exit code."""
    branch = AdditionBranch(open_project(folder, ADDITION))
    with branch.held():
        was_there = branch.clear()
    say("The addition is undone." if was_there else "There is no addition to undo.")
    return 0


def refuse_waiting(folder: Path) -> None:
    """Raise `UpgradeError` if an addition is not merged, since its revision must come first."""
    try:
        branch = AdditionBranch(open_project(folder, ADDITION))
    except UpgradeError:
        return  # without a commit, there is no addition
    if branch.record.worktree == branch.root:
        branch.refuse_unfinished(clearing=False)


def _show(branch: AdditionBranch, merge: Merge) -> None:
    say(branch.project.git("diff", "--no-color", merge.base, merge.changed))
    for path in merge.deleted:
        say(f"{path} stays deleted, as you deleted it.")
    for path in merge.conflicts:
        say(f"{path} will need you: it is {CONFLICT}.")
    say(PREVIEW)


def _take(branch: AdditionBranch, addition: Addition, merge: Merge, lock: IO[str]) -> int:
    """Record the new recipe, and complete the merge if it has no conflicts."""
    (branch.folder / RECIPES).write_text(addition.recipes, "utf-8")
    branch.call(addition.title)
    for path in merge.deleted:
        say(f"  {path} stays deleted; the addition changes it.")
    if merge.conflicts:
        return _ask(f"  {path}: {CONFLICT}." for path in merge.conflicts)
    return _finish(branch, addition.title, lock)


def _finish(branch: AdditionBranch, title: str, lock: IO[str]) -> int:
    try:
        _complete(branch, title, lock)
    except (StepError, ServerError) as error:
        return _ask([str(error).removesuffix(UNCHANGED).rstrip()])
    branch.commit(title, REVISIONS, RECIPES)
    branch.end()
    say(NEXT_STEPS, end="")
    return 0


def _complete(branch: AdditionBranch, title: str, lock: IO[str]) -> None:
    """Format the merged files, write the revision and run the tests on servers of the tree."""
    os.environ.update(dict.fromkeys(EMPTY, ""))
    write_dotenv(branch.folder)
    branch.forget_databases()
    progress = Progress()
    run = branch.programs(lock)
    with progress.step("Formatting the code"):
        format_modules(branch.changed_modules, run)
    with workspace(branch.folder) as servers, progress.step("Writing the revision"):
        command = [sys.executable, "-m", "dev.revision", title[0].lower() + title[1:]]
        write = Programs(branch.folder, lock, servers.environ)
        write(*command, failure="The revision could not be written.")
    if (branch.folder / CONTRACT).exists():
        with progress.step("Describing the API"):
            describe_api(branch.folder, run)
    with progress.step("Running the tests"):
        run_tests(branch.changed_modules, run)


def _ask(tasks: Iterable[str]) -> int:
    """Print the tasks of the user; return the exit code."""
    listed = "\n".join(tasks)
    say(f"\nThis needs you:\n\n{listed}\n{RESOLVE_STEPS}", end="")
    return 1
