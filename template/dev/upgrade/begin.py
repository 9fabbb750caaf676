"""The part of an upgrade before the handover, and `--abort`.

No later release can mend this code in the projects that have it, so it does no more than it must.
`run` and what that alone needs are imported only where they are used: a fault there stops neither
an upgrade that the target's code does nor `--abort`.
"""

import tempfile
from pathlib import Path

from dev.upgrade.handover import hand_over, kept
from dev.upgrade.place import Place
from dev.upgrade.programs import program
from dev.upgrade.project import Project, open_project, refuse_unfinished
from dev.upgrade.rendering import render
from dev.upgrade.scratch import remove_scratch, scratch
from dev.upgrade.target import Route, find_route
from dev.upgrade.terminal import say
from dev.upgrade.wish import Handover, Wish


def upgrade(folder: Path, wish: Wish) -> int:
    """Upgrade the project in a folder; return the exit code."""
    project = open_project(folder)
    place = Place(project)
    with place.held(by_caller=wish.handover is not None):
        if wish.handover:
            return _go(project, place, wish, wish.handover.folder.parent)
        with scratch(project.common) as made:
            return _go(project, place, wish, made)


def go_on(folder: Path, wish: Wish) -> int:
    """Continue after a person has helped; return the exit code."""
    project = open_project(folder)
    place = Place(project)
    with place.held(by_caller=wish.handover is not None):
        place.refuse_foreign()
        if not wish.handover:
            remove_scratch(project.common)
            if began := kept(place):
                hand_over(began, began.folder, wish)
        wish.refuse_unknown()
        from dev.upgrade import run  # noqa: PLC0415

        return run.go_on(place, wish)


def abort(folder: Path) -> int:
    """Undo an upgrade at any stage."""
    project = open_project(folder)
    place = Place(project)
    with place.held():
        remove_scratch(project.common)
        was_there = place.clear()
    say("The upgrade is taken back." if was_there else "There is no upgrade to take back.")
    return 0


def _go(project: Project, place: Place, wish: Wish, folder: Path) -> int:
    """Go to the target, by its own code if it can take over; return the exit code."""
    place.refuse_unfinished(clearing=not wish.preview)
    refuse_unfinished(project)
    program("uv")
    route = find_route(project, wish, folder)
    if route is None:
        wish.refuse_unknown()
        say("There is nothing to do.")
        return 0
    new = _rendered_target(project, wish, route, folder)
    from dev.upgrade import run  # noqa: PLC0415

    return run.upgrade(project, place, wish, route, new)


def _rendered_target(project: Project, wish: Wish, route: Route, folder: Path) -> Path:
    """Return the rendering of the target, unless its own code takes over and exits."""
    if wish.handover and wish.handover.version == route.to:
        return wish.handover.folder
    new = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
    say(f"Rendering {route.to} ...")
    render(route.template, route.to, route.recorded, new / project.prefix, wish.answers)
    hand_over(Handover(route.to, new), new / project.prefix, wish)
    wish.refuse_unknown()
    return new
