"""The steps of an upgrade after the target has been rendered."""

from pathlib import Path

from dev.upgrade import conflicts
from dev.upgrade.errors import UpgradeError
from dev.upgrade.finish import finish, moved_names
from dev.upgrade.handover import keep
from dev.upgrade.options import Options
from dev.upgrade.preview import Step, refuse_ignored, show
from dev.upgrade.project import Project
from dev.upgrade.record import BRANCH
from dev.upgrade.rendering import prepare, refuse_unknown, render
from dev.upgrade.target import Route
from dev.upgrade.terminal import say
from dev.upgrade.trees import Release, commit_renderings
from dev.upgrade.worktree import ABORT, CONTINUE, FOLDER, Worktree

NEXT_STEPS = f"""\

Branch {BRANCH} contains the upgrade.

  Review it:   git diff HEAD...{BRANCH}
  Merge it:    git merge {BRANCH}, then uv sync and uv run poe migrate
  Undo it:     {ABORT}
"""
RESOLVE_STEPS = f"""
Your working tree is unchanged. Complete these tasks in {FOLDER}, `git add` the files, and then:

  Continue:    {CONTINUE}
  Undo:        {ABORT}
"""


def upgrade(project: Project, worktree: Worktree, options: Options, route: Route, new: Path) -> int:
    """Merge the rendering of the target; return the exit code."""
    coming = _compare(project, options, route, new)
    if coming is None:
        say("There is nothing to do.")
        return 0
    if options.preview:
        say("Nothing was changed: this was a preview.")
        return 0
    return _merge(worktree, options, *coming)


def resume(worktree: Worktree, options: Options) -> int:
    """Continue after a person has resolved the open tasks; return the exit code."""
    message = worktree.message
    if message is None:
        worktree.refuse_unfinished(clearing=False)
        raise UpgradeError(f"There is no upgrade to continue; `{ABORT}` removes the rest.")
    conflicts.refuse_unresolved(worktree)
    return _finish(worktree, message, options)


def _merge(worktree: Worktree, options: Options, step: Step, release: Release) -> int:
    say(f"Merging on branch {BRANCH} ...")
    worktree.make()
    if options.handover:
        keep(worktree, options.handover.version)
    merged = conflicts.merge(worktree, release)
    worktree.call(step.message)
    for path in merged.deleted:
        say(f"  {path} stays deleted; the template changes it.")
    for path, new in merged.moved.items():
        say(f"  {path} moves to {new}, as its package does.")
    if merged.conflicts:
        questions = [f"{path}: {why}." for path, why in merged.conflicts.items()]
        return _ask([*questions, *moved_names(worktree, besides=merged.conflicts)])
    return _finish(worktree, step.message, options)


def _compare(
    project: Project, options: Options, route: Route, new: Path
) -> tuple[Step, Release] | None:
    """Render the current version, and show the differences, if there are any."""
    say(f"Rendering {route.since}, to compare ...")
    old = new.with_name("old")
    render(route.template, route.since, route.recorded, old / project.prefix, {})
    prepare(route.template, route.since, route.recorded, old / project.prefix)
    after = prepare(route.template, route.to, route.recorded, new / project.prefix)
    refuse_unknown(options.answers, after)
    release = commit_renderings(project, old, new)
    if project.git.succeeds("diff", "--quiet", release.old, release.new):
        return None
    step = Step(route.since, route.to, route.recorded, after)
    show(project, route.template, step, release)
    refuse_ignored(project, release)
    return step, release


def _finish(worktree: Worktree, message: str, options: Options) -> int:
    needed = finish(worktree, message, check=options.check)
    if needed:
        return _ask(needed)
    worktree.end()
    say(NEXT_STEPS, end="")
    return 0


def _ask(needed: list[str]) -> int:
    """Print the tasks that are left to a person."""
    listed = "".join(f"\n  {line}" for line in needed)
    say(f"\nThis needs you:\n{listed}\n{RESOLVE_STEPS}", end="")
    return 1
