"""An upgrade, step by step, once the version to go to is rendered."""

from pathlib import Path

from dev.upgrade import conflicts
from dev.upgrade.errors import UpgradeError
from dev.upgrade.finish import finish, moved_names
from dev.upgrade.handover import keep
from dev.upgrade.place import ABORT, CONTINUE, FOLDER, Place
from dev.upgrade.preview import Step, refuse_ignored, show
from dev.upgrade.project import Project
from dev.upgrade.record import BRANCH
from dev.upgrade.rendering import prepare, refuse_unknown, render
from dev.upgrade.target import Route
from dev.upgrade.terminal import say
from dev.upgrade.trees import Release, commit_renderings
from dev.upgrade.wish import Wish

WAYS = f"""\

Branch {BRANCH} holds it.

  Look at it:  git diff HEAD...{BRANCH}
  Take it:     git merge {BRANCH}, then uv sync and uv run poe migrate
  Go back:     {ABORT}
"""
WORK = f"""
Your own working tree is as it was. Work in {FOLDER}, `git add` there what you settled, and then:

  Go on:       {CONTINUE}
  Go back:     {ABORT}
"""


def upgrade(project: Project, place: Place, wish: Wish, route: Route, new: Path) -> int:
    """Merge the rendering of the target; return the exit code."""
    coming = _compare(project, wish, route, new)
    if coming is None:
        say("There is nothing to do.")
        return 0
    if wish.preview:
        say("Nothing was changed: this was a preview.")
        return 0
    return _merge(place, wish, *coming)


def go_on(place: Place, wish: Wish) -> int:
    """Continue after a person has helped; return the exit code."""
    message = place.message
    if message is None:
        place.refuse_unfinished(clearing=False)
        raise UpgradeError(f"There is no upgrade to go on with; `{ABORT}` clears away the rest.")
    conflicts.refuse_unresolved(place)
    return _finish(place, message, wish)


def _merge(place: Place, wish: Wish, step: Step, release: Release) -> int:
    say(f"Merging on branch {BRANCH} ...")
    place.make()
    if wish.handover:
        keep(place, wish.handover.version)
    merged = conflicts.merge(place, release)
    place.call(step.message)
    for path in merged.deleted:
        say(f"  {path} stays deleted; the template changes it.")
    for path, new in merged.moved.items():
        say(f"  {path} moves to {new}, as its package does.")
    if merged.conflicts:
        questions = [f"{path}: {why}." for path, why in merged.conflicts.items()]
        return _ask([*questions, *moved_names(place, besides=merged.conflicts)])
    return _finish(place, step.message, wish)


def _compare(project: Project, wish: Wish, route: Route, new: Path) -> tuple[Step, Release] | None:
    """Render the present version, and show the differences, if there are any."""
    say(f"Rendering {route.since}, to compare ...")
    old = new.with_name("old")
    render(route.template, route.since, route.recorded, old / project.prefix, {})
    prepare(route.template, route.since, route.recorded, old / project.prefix)
    after = prepare(route.template, route.to, route.recorded, new / project.prefix)
    refuse_unknown(wish.answers, after)
    release = commit_renderings(project, old, new)
    if project.git.tells("diff", "--quiet", release.old, release.new):
        return None
    step = Step(route.since, route.to, route.recorded, after)
    show(project, route.template, step, release)
    refuse_ignored(project, release)
    return step, release


def _finish(place: Place, message: str, wish: Wish) -> int:
    needed = finish(place, message, check=wish.check)
    if needed:
        return _ask(needed)
    place.end()
    say(WAYS, end="")
    return 0


def _ask(needed: list[str]) -> int:
    """Print the tasks that are left to a person."""
    listed = "".join(f"\n  {line}" for line in needed)
    say(f"\nThis needs you:\n{listed}\n{WORK}", end="")
    return 1
