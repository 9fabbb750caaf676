"""An upgrade, step by step."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from dev.upgrade import conflicts
from dev.upgrade.errors import UpgradeError
from dev.upgrade.finish import finish
from dev.upgrade.place import ABORT, CONTINUE, FOLDER, Place
from dev.upgrade.preview import Step, in_the_way, show
from dev.upgrade.programs import program
from dev.upgrade.project import Project, open_project, read_answers, refuse_unfinished
from dev.upgrade.record import BRANCH
from dev.upgrade.rendering import refuse_unknown, render
from dev.upgrade.template import Template, refuse_password, without_password
from dev.upgrade.terminal import say
from dev.upgrade.trees import Release, commit_renderings

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


@dataclass(frozen=True)
class Wish:
    """What a person asks for."""

    to: str | None = None
    since: str | None = None
    template: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    preview: bool = False
    check: bool = True


def upgrade(folder: Path, wish: Wish) -> int:
    """Upgrade the project in a folder; return the exit code."""
    project = open_project(folder)
    place = Place(project)
    with place.held(), tempfile.TemporaryDirectory(prefix="upgrade-") as scratch:
        place.refuse_unfinished(clearing=not wish.preview)
        refuse_unfinished(project)
        program("uv")
        coming = _prepare(project, wish, Path(scratch).resolve())
        if coming is None:
            say("There is nothing to do.")
            return 0
        step, release = coming
        if wish.preview:
            say("Nothing was changed: this was a preview.")
            return 0
        say(f"Merging on branch {BRANCH} ...")
        place.make()
        merged = conflicts.merge(place, release.new)
        place.call(step.message)
        for path in merged.deleted:
            say(f"  {path} stays deleted; the template changes it.")
        if merged.conflicts:
            return _ask([f"{path}: {why}." for path, why in merged.conflicts.items()])
        return _finish(place, step.message, wish)


def go_on(folder: Path, wish: Wish) -> int:
    """Go on after a person has helped; return the exit code."""
    place = Place(open_project(folder))
    with place.held():
        place.refuse_foreign()
        message = place.message
        if message is None:
            place.refuse_unfinished(clearing=False)
            raise UpgradeError(
                f"There is no upgrade to go on with; `{ABORT}` clears away the rest."
            )
        conflicts.refuse_unresolved(place)
        return _finish(place, message, wish)


def abort(folder: Path) -> int:
    """Take back an upgrade, however far it came."""
    place = Place(open_project(folder))
    with place.held():
        was_there = place.clear()
    say("The upgrade is taken back." if was_there else "There is no upgrade to take back.")
    return 0


def _prepare(project: Project, wish: Wish, scratch: Path) -> tuple[Step, Release] | None:
    """Render both versions and show what lies between them, if there is anything."""
    recorded = read_answers(project)
    address = _absolute(wish.template) or recorded.source
    if address is None:
        raise UpgradeError("No template is recorded: say where it is with `--template ADDRESS`.")
    refuse_password(address)
    say(f"Fetching the template from {without_password(address)} ...")
    template = Template.fetch(address, scratch / "template", project.folder)
    since = template.release(wish.since) if wish.since else template.recorded(recorded.commit)
    to = _target(template, wish, since)
    if to == since and not (wish.answers or wish.template or wish.since):
        return None
    say(f"Rendering {since}{f' and {to}' if to != since else ''} ...")
    old, new = scratch / "old", scratch / "new"
    render(template, since, recorded, old / project.prefix, {})
    after = render(template, to, recorded, new / project.prefix, wish.answers)
    refuse_unknown(wish.answers, after)
    return _shown(project, template, Step(since, to, recorded, after), (old, new))


def _absolute(address: str | None) -> str | None:
    """Return an address that means the same from anywhere."""
    return str(Path(address).resolve()) if address and Path(address).exists() else address


def _shown(
    project: Project, template: Template, step: Step, rendered: tuple[Path, Path]
) -> tuple[Step, Release] | None:
    release = commit_renderings(project, *rendered)
    if project.git.tells("diff", "--quiet", release.old, release.new):
        return None
    show(project, template, step, release)
    if own := in_the_way(project, release):
        listed = "".join(f"\n  {name}" for name in own)
        raise UpgradeError(
            f"These appear, over ones of yours that Git ignores: move yours first.{listed}"
        )
    return step, release


def _target(template: Template, wish: Wish, since: str) -> str:
    """Return the version to go to; raise `UpgradeError` if the project is past it."""
    if wish.to:
        to = template.release(wish.to)
        if template.is_older(to, since):
            raise UpgradeError(f"The project is at {since} already, which is newer than {to}.")
        return to
    newest = (template.releases or [since])[-1]
    return since if wish.answers or template.is_older(newest, since) else newest


def _finish(place: Place, message: str, wish: Wish) -> int:
    needed = finish(place, message, check=wish.check)
    if needed:
        return _ask(needed)
    place.end()
    say(WAYS, end="")
    return 0


def _ask(needed: list[str]) -> int:
    """Say what needs a person."""
    listed = "".join(f"\n  {line}" for line in needed)
    say(f"\nThis needs you:\n{listed}\n{WORK}", end="")
    return 1
