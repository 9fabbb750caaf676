"""Where an upgrade goes: the template, the version that is there, and the one to come."""

from dataclasses import dataclass
from pathlib import Path

from dev.upgrade.answers import Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.project import Project, read_answers
from dev.upgrade.template import Template, refuse_password, without_password
from dev.upgrade.terminal import say
from dev.upgrade.wish import Wish

# An upgrade from before one of these releases, to one after it, goes there first: such a release
# moves files and changes little else, so that Git still finds the files that an owner edited.
STOPS = ("0.3.0",)


@dataclass(frozen=True)
class Route:
    """The template of an upgrade, and the versions and answers before and after it."""

    template: Template
    recorded: Answers
    since: str
    to: str


def find_route(project: Project, wish: Wish, scratch: Path) -> Route | None:
    """Return where an upgrade goes; nothing if the project is there already."""
    recorded = read_answers(project)
    template = _template(project, wish, recorded, scratch)
    since = template.release(wish.since) if wish.since else template.recorded(recorded.commit)
    to = _target(template, wish, since)
    if to == since and not (wish.answers or wish.template or wish.since):
        return None
    return Route(template, recorded, since, to)


def _template(project: Project, wish: Wish, recorded: Answers, scratch: Path) -> Template:
    """Fetch the template, unless an earlier version of this code did."""
    address = _absolute(wish.template) or recorded.source
    if address is None:
        raise UpgradeError("No template is recorded: say where it is with `--template ADDRESS`.")
    refuse_password(address)
    if wish.handover:
        return Template(scratch / "template", address)
    say(f"Fetching the template from {without_password(address)} ...")
    return Template.fetch(address, scratch / "template", project.folder)


def _absolute(address: str | None) -> str | None:
    """Return an address that means the same from anywhere."""
    return str(Path(address).resolve()) if address and Path(address).exists() else address


def _target(template: Template, wish: Wish, since: str) -> str:
    """Return the version to go to; raise `UpgradeError` if the project is past it."""
    if wish.to:
        to = template.release(wish.to)
        if template.is_older(to, since):
            raise UpgradeError(f"The project is at {since} already, which is newer than {to}.")
        return to
    goal = wish.handover.version if wish.handover else _newest(template, wish, since)
    for stop in template.releases:
        if stop.removeprefix("v") in STOPS and _is_between(template, since, stop, goal):
            say(
                f"The way to {goal} leads through {stop}, so this upgrade goes to {stop}: take it,"
                " and then run `uv run poe upgrade` again."
            )
            return stop
    return goal


def _newest(template: Template, wish: Wish, since: str) -> str:
    newest = (template.releases or [since])[-1]
    return since if wish.answers or template.is_older(newest, since) else newest


def _is_between(template: Template, since: str, version: str, goal: str) -> bool:
    return template.is_older(since, version) and template.is_older(version, goal)
