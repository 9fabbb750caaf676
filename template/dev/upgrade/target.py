"""The route of an upgrade: the template, the current version and the target."""

from dataclasses import dataclass
from pathlib import Path

from dev.upgrade.answers import Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.options import Options
from dev.upgrade.project import Project, read_answers
from dev.upgrade.template import Template, refuse_password, without_password
from dev.upgrade.terminal import say

# An upgrade across one of these releases stops at that release first. Such a release moves files
# and changes little else, so that Git still recognizes files that an owner edited.
STOPS = ("0.3.0",)


@dataclass(frozen=True)
class Route:
    """The template of an upgrade, and the versions and answers before and after it."""

    template: Template
    recorded: Answers
    since: str
    to: str


def find_route(project: Project, options: Options, scratch: Path) -> Route | None:
    """Return the route of an upgrade, or `None` if the project is up to date."""
    recorded = read_answers(project)
    template = _template(project, options, recorded, scratch)
    since = template.release(options.since) if options.since else template.recorded(recorded.commit)
    to = _target(template, options, since)
    if to == since and not (options.answers or options.template or options.since):
        return None
    return Route(template, recorded, since, to)


def _template(project: Project, options: Options, recorded: Answers, scratch: Path) -> Template:
    """Return the template; fetch it unless an earlier version of this code did."""
    address = _absolute(options.template) or recorded.source
    if address is None:
        raise UpgradeError("No template is recorded: give its address with `--template ADDRESS`.")
    refuse_password(address)
    if options.handover:
        return Template(scratch / "template", address)
    say(f"Fetching the template from {without_password(address)} ...")
    return Template.fetch(address, scratch / "template", project.folder)


def _absolute(address: str | None) -> str | None:
    """Return a local address as an absolute path, and other addresses unchanged."""
    return str(Path(address).resolve()) if address and Path(address).exists() else address


def _target(template: Template, options: Options, since: str) -> str:
    """Return the version to upgrade to; raise `UpgradeError` if the project is newer."""
    if options.to:
        to = template.release(options.to)
        if template.is_older(to, since):
            raise UpgradeError(f"The project is at {since} already, which is newer than {to}.")
        return to
    goal = options.handover.version if options.handover else _newest(template, options, since)
    for stop in template.releases:
        if stop.removeprefix("v") in STOPS and _is_between(template, since, stop, goal):
            say(
                f"The way to {goal} leads through {stop}, so this upgrade goes to {stop}: take it,"
                " and then run `uv run poe upgrade` again."
            )
            return stop
    return goal


def _newest(template: Template, options: Options, since: str) -> str:
    newest = (template.releases or [since])[-1]
    return since if options.answers or template.is_older(newest, since) else newest


def _is_between(template: Template, since: str, version: str, goal: str) -> bool:
    return template.is_older(since, version) and template.is_older(version, goal)
