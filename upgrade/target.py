"""The route of an upgrade: the template, the current version and the target."""

import re
from dataclasses import dataclass
from pathlib import Path

from dev.upgrade.answers import Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.options import Handover, Options
from dev.upgrade.project import Project, read_answers
from dev.upgrade.template import Template
from dev.upgrade.terminal import say

# An upgrade across one of these releases stops at that release first. Such a release moves files
# and changes little else, so that Git still recognizes files that an owner edited.
STOPS = ("0.3.0",)
DESCRIBED = re.compile(r"(.+)-\d+-g[0-9a-f]+")


@dataclass(frozen=True)
class Route:
    """The template, the recorded answers, and the old and the new version of an upgrade."""

    template: Template
    recorded: Answers
    since: str
    to: str


def find_route(project: Project, options: Options, handover: Handover) -> Route | None:
    """Return the route of an upgrade, or `None` if the project is up to date."""
    recorded = read_answers(project)
    address = _absolute(options.template) or recorded.source or ""
    template = Template(handover.folder.with_name("template"), address)
    if options.since:
        since = template.release(options.since)
    else:
        since = _recorded(template, recorded.commit)
    to = _target(template, options, since)
    if to == since and not (options.answers or options.template or options.since):
        return None
    return Route(template, recorded, since, to)


def _recorded(template: Template, version: str | None) -> str:
    """Return the recorded version; raise `UpgradeError` if the template has no such version."""
    if version and template.git.commit_of(version):
        return version
    what = f"version {version}, which is recorded" if version else "recorded version"
    raise UpgradeError(
        f"The template has no {what} in .copier-answers.yml: say which release the project"
        f" stems from, such as with `--from {_nearest(template, version)}`."
    )


def _nearest(template: Template, version: str | None) -> str:
    described = DESCRIBED.fullmatch(version or "")
    if described and described[1] in template.releases:
        return described[1]
    return (template.releases or ["VERSION"])[-1]


def _absolute(address: str | None) -> str | None:
    """Return a local address as an absolute path, and other addresses unchanged."""
    return str(Path(address).resolve()) if address and Path(address).exists() else address


def _target(template: Template, options: Options, since: str) -> str:
    """Return the version to upgrade to; raise `UpgradeError` if `--to` is unknown or too old."""
    if options.to:
        to = template.release(options.to)
        if _is_older(template, to, since):
            raise UpgradeError(f"The project is at {since} already, which is newer than {to}.")
        return to
    goal = _newest(template, options, since)
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
    return since if options.answers or _is_older(template, newest, since) else newest


def _is_between(template: Template, since: str, version: str, goal: str) -> bool:
    return _is_older(template, since, version) and _is_older(template, version, goal)


def _is_older(template: Template, version: str, than: str) -> bool:
    """Return whether a version comes before another."""
    return version != than and template.git.succeeds("merge-base", "--is-ancestor", version, than)
