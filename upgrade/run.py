"""The tasks that `dev.upgrade` hands over to this package."""

from pathlib import Path

from dev.upgrade.options import Handover, Options
from dev.upgrade.project import Project, open_project
from dev.upgrade.record import BRANCH
from dev.upgrade.terminal import say
from dev.upgrade.worktree import ABORT, CONTINUE, FOLDER
from upgrade import conflicts, stale
from upgrade.branch import Branch
from upgrade.finish import finish, moved_names
from upgrade.preview import Step, refuse_ignored, show
from upgrade.rendering import prepare, refuse_unknown, render
from upgrade.target import Route, find_route
from upgrade.trees import Release, commit_renderings

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


def upgrade(options: Options, handover: Handover) -> int:
    """Upgrade the project in the working directory; return the exit code."""
    project = open_project(Path.cwd())
    route = find_route(project, options, handover)
    coming = _compare(project, options, route, handover) if route else None
    if coming is None:
        say("There is nothing to do.")
        return 0
    if options.preview:
        say("Nothing was changed: this was a preview.")
        return 0
    return _merge(Branch(project), options, handover.version, *coming)


def resume(options: Options, _handover: Handover) -> int:
    """Continue an upgrade after the user has completed the open tasks; return the exit code."""
    branch = Branch(open_project(Path.cwd()))
    title = branch.read_title()
    branch.refuse_unresolved()
    return _finish(branch, title, options)


def rewrite_imports(_options: Options, _handover: Handover) -> int:
    """Rewrite the old names of moved modules in the working directory; return the exit code."""
    return stale.rewrite_imports(Path.cwd())


def _merge(branch: Branch, options: Options, version: str, step: Step, release: Release) -> int:
    say(f"Merging on branch {BRANCH} ...")
    branch.make()
    branch.keep_code(version)
    merged = conflicts.merge(branch, release)
    branch.call(step.message)
    for path in merged.deleted:
        say(f"  {path} stays deleted; the template changes it.")
    for path, new in merged.moved.items():
        say(f"  {path} moves to {new}, as its package does.")
    if merged.conflicts:
        questions = [f"{path}: {why}." for path, why in merged.conflicts.items()]
        return _ask([*questions, *moved_names(branch, besides=merged.conflicts)])
    return _finish(branch, step.message, options)


def _compare(
    project: Project, options: Options, route: Route, handover: Handover
) -> tuple[Step, Release] | None:
    """Render both versions and show the differences; return `None` if there are none."""
    new = _rendered_target(project, options, route, handover)
    old = new.with_name("old")
    say(f"Rendering {route.since}, to compare ...")
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


def _rendered_target(project: Project, options: Options, route: Route, handover: Handover) -> Path:
    """Return the rendering of the target, in the layout of the repository."""
    new = handover.folder
    if new.is_dir():  # a caller before 0.4.0 rendered `handover.version`
        if handover.version == route.to:
            return new
        new = new.with_name("stop")
    say(f"Rendering {route.to} ...")
    render(route.template, route.to, route.recorded, new / project.prefix, options.answers)
    return new


def _finish(branch: Branch, message: str, options: Options) -> int:
    needed = finish(branch, message, check=options.check)
    if needed:
        return _ask(needed)
    branch.end()
    say(NEXT_STEPS, end="")
    return 0


def _ask(needed: list[str]) -> int:
    """Print the open tasks; return the exit code."""
    listed = "".join(f"\n  {line}" for line in needed)
    say(f"\nThis needs you:\n{listed}\n{RESOLVE_STEPS}", end="")
    return 1
