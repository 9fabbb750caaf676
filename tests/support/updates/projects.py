"""Projects of an earlier release, and what their owners do to take over the next version."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from _pytest.mark import ParameterSet

from tests.support.processes import CommandFailedError, run, uv
from tests.support.project_owner import BRANCH
from tests.support.services import Service
from tests.support.updates.expected_conflicts import OLD_CODE
from tests.support.updates.merge_conflicts import unmerged
from tests.support.updates.releases import NEXT, STOP, Release, chosen, git, number, tries_all
from tests.support.variants import AWKWARD, ROOT, Answers

Question = dict[str, Any]

MINIMAL: Answers = {"ci": "none", "example": False}
FULL: Answers = AWKWARD | {
    "license": "MIT",
    "python_version": "3.13",
    "auth_stack": "jose-passlib",
    "jobs": "postgres",
    "telemetry": "opentelemetry",
    "ci": "gitlab",
    "kubernetes": True,
}
ANSWERS: dict[str, Answers] = {"minimal": MINIMAL, "default": {}, "full": FULL}
# Files of the owner, which an update does not change.
OWNED = re.compile(r"migrations/versions/.*|\.env|uv\.lock|openapi\.json|CHANGELOG\.md")
ANSWERS_FILE = ".copier-answers.yml"
SCRIPTS = ROOT / "tests/updates/in_project"


@dataclass(frozen=True)
class Case:
    """A release, the name of its answers, and the way to take over the next version.

    `upgrade` stops at the release that moves files, `directly` passes over it, and `copier` is
    Copier alone.
    """

    release: Release
    name: str
    way: str = "upgrade"

    @property
    def answers(self) -> Answers:
        """Those answers of which the release has the questions."""
        asked = questions_of(self.release)
        return {name: answer for name, answer in ANSWERS[self.name].items() if name in asked}


def cases(
    releases: list[Release], names: Iterable[str] = ANSWERS, way: str = "upgrade"
) -> list[ParameterSet]:
    """Return each release with each set of answers."""
    return [parameter(Case(release, name, way)) for name in names for release in releases]


def parameter(case: Case) -> ParameterSet:
    """Return a case of which one worker has all tests."""
    id_ = f"{case.release.version}-{case.name}-{case.way}"
    return pytest.param(case, id=id_, marks=pytest.mark.xdist_group(f"updates-{id_}"))


def cases_in_time(way: str = "upgrade") -> list[ParameterSet]:
    """Return all cases; where time is short, those of older releases by default answers only."""
    if tries_all():
        return cases(chosen(), way=way)
    *older, previous = chosen()
    return [*cases(older, ["default"], way), *cases([previous], way=way)]


def edited_cases() -> list[ParameterSet]:
    """Return the cases that are edited: in every way if there is time."""
    others = [*cases_in_time("directly"), *cases_in_time("copier")] if tries_all() else []
    return [one_of_tests(each) for each in [*cases_in_time(), *others]]


def one_of_tests(parameter: ParameterSet) -> ParameterSet:
    """Mark the case that `nox -s tests` runs: the previous release with the default answers."""
    [case] = parameter.values
    is_chosen = case == Case(chosen()[-1], "default", "upgrade")
    marks = [pytest.mark.one_update] if is_chosen else []
    return pytest.param(case, id=parameter.id, marks=[*parameter.marks, *marks])


def questions_of(release: Release) -> dict[str, Question]:
    """Return the questions of a release."""
    questions = yaml.safe_load(git("show", f"{release.commit}:copier.yml")).items()
    return {name: question for name, question in questions if not name.startswith("_")}


def read_answers(folder: Path) -> Answers:
    """Return the answers that a project has recorded."""
    recorded = yaml.safe_load((folder / ANSWERS_FILE).read_text("utf-8")).items()
    return {name: answer for name, answer in recorded if not name.startswith("_")}


def update(folder: Path, answers: Answers | None = None) -> set[str]:
    """Take over the next version, as `copier update` does; return the files with conflicts."""
    copier.run_update(
        folder, answers or {}, defaults=True, overwrite=True, skip_answered=True, quiet=True
    )
    assert not [*folder.rglob("*.rej")]
    return unmerged(folder)


def legs(release: Release, *, directly: bool = False) -> list[list[str]]:
    """Return the options of each upgrade on the way to the next version."""
    if directly:
        return [["--to", NEXT]]
    if release.number >= number(STOP):
        return [[]]
    return [["--to", STOP] if release.version in OLD_CODE else [], []]


def upgrade(service: Service, release: Release) -> None:
    """Take over the next version by the project's command; fail if that needs a person."""
    for options in legs(release):
        service.run("poe", "upgrade", "--no-check", *options)
        take(service)


def take(service: Service) -> None:
    """Take what an upgrade made."""
    run("git", "merge", "-q", BRANCH, cwd=service.folder)
    run(uv(), "sync", "-q", cwd=service.folder, **service.environment)


def status(folder: Path) -> list[str]:
    """Return what is not committed."""
    return run("git", "status", "--porcelain", cwd=folder).splitlines()


def lock(service: Service) -> None:
    """Lock the dependencies again and install them, as the documentation says."""
    for command in (("lock", "-q"), ("sync", "-q")):
        run(uv(), *command, cwd=service.folder, **service.environment)


def take_over_the_models(service: Service, message: str = "take over the release") -> None:
    """Migrate, and where the models changed write the project's own revision and run it."""
    service.run("poe", "migrate")
    if differs(service):
        service.run("poe", "migration", message)
        service.run("poe", "migrate")


def differs(service: Service) -> bool:
    """Return whether the models differ from the migrated database."""
    try:
        service.run("python", "-m", "dev", "alembic", "check")
    except CommandFailedError as error:
        if "New upgrade operations detected" in str(error):
            return True
        raise
    return False


def heads(service: Service) -> list[str]:
    """Return the newest revisions."""
    return service.run("alembic", "heads").splitlines()


def revisions(folder: Path) -> dict[str, bytes]:
    """Return the revisions of a project."""
    return {path.name: path.read_bytes() for path in folder.glob("migrations/versions/*.py")}


def tables(service: Service) -> list[str]:
    """Return each column, index and constraint of the development database."""
    script = str(SCRIPTS / "tables.py")
    return service.run("python", "-m", "dev", "python", script).splitlines()


def use(service: Service, *locations: str) -> list[str]:
    """Sign up and return where what was made is; or sign in, and return what is there."""
    script = str(SCRIPTS / "account.py")
    said = service.run("python", "-m", "dev", "python", script, *locations)
    answer: list[str] = json.loads(said.splitlines()[-1])
    return answer
