"""The part of an upgrade before the handover, and `--abort`.

Later releases cannot fix this code in existing projects, so it does only what is necessary. `run`
and the modules that only `run` needs are imported where they are used, so that a bug in them stops
neither `--abort` nor an upgrade by the target's code.
"""

import tempfile
from pathlib import Path

from dev.upgrade.handover import hand_over, kept
from dev.upgrade.options import Handover, Options
from dev.upgrade.programs import program
from dev.upgrade.project import Project, open_project, refuse_unfinished
from dev.upgrade.rendering import render
from dev.upgrade.scratch import remove_scratch, scratch
from dev.upgrade.target import Route, find_route
from dev.upgrade.terminal import say
from dev.upgrade.worktree import Worktree


def upgrade(folder: Path, options: Options) -> int:
    """Upgrade the project in a folder; return the exit code."""
    project = open_project(folder)
    worktree = Worktree(project)
    with worktree.held(by_caller=options.handover is not None):
        if options.handover:
            return _go(project, worktree, options, options.handover.folder.parent)
        with scratch(project.common) as made:
            return _go(project, worktree, options, made)


def resume(folder: Path, options: Options) -> int:
    """Continue after a person has resolved the open tasks; return the exit code."""
    project = open_project(folder)
    worktree = Worktree(project)
    with worktree.held(by_caller=options.handover is not None):
        worktree.refuse_foreign()
        if not options.handover:
            remove_scratch(project.common)
            if began := kept(worktree):
                hand_over(began, began.folder, options)
        options.refuse_unknown()
        from dev.upgrade import run  # noqa: PLC0415

        return run.resume(worktree, options)


def abort(folder: Path) -> int:
    """Undo an upgrade at any stage."""
    project = open_project(folder)
    worktree = Worktree(project)
    with worktree.held():
        remove_scratch(project.common)
        was_there = worktree.clear()
    say("The upgrade is undone." if was_there else "There is no upgrade to undo.")
    return 0


def _go(project: Project, worktree: Worktree, options: Options, folder: Path) -> int:
    """Upgrade to the target, with the target's code if it can take over; return the exit code."""
    worktree.refuse_unfinished(clearing=not options.preview)
    refuse_unfinished(project)
    program("uv")
    route = find_route(project, options, folder)
    if route is None:
        options.refuse_unknown()
        say("There is nothing to do.")
        return 0
    new = _rendered_target(project, options, route, folder)
    from dev.upgrade import run  # noqa: PLC0415

    return run.upgrade(project, worktree, options, route, new)


def _rendered_target(project: Project, options: Options, route: Route, folder: Path) -> Path:
    """Return the rendering of the target; do not return if the target's code takes over."""
    if options.handover and options.handover.version == route.to:
        return options.handover.folder
    new = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
    say(f"Rendering {route.to} ...")
    render(route.template, route.to, route.recorded, new / project.prefix, options.answers)
    hand_over(Handover(route.to, new), new / project.prefix, options)
    options.refuse_unknown()
    return new
