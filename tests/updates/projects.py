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

from merges import unmerged
from releases import Release, chosen, git, tries_all
from tests.support.processes import CommandFailedError, run, uv
from tests.support.project_owner import BRANCH
from tests.support.services import Service
from tests.support.variants import AWKWARD, Answers

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
# What is the owner's: an update leaves it alone.
OWNED = re.compile(r"migrations/versions/.*|\.env|uv\.lock|CHANGELOG\.md")
ANSWERS_FILE = ".copier-answers.yml"
SCRIPTS = Path(__file__).parent / "in_project"


@dataclass(frozen=True)
class Case:
    """A release, the name of its answers, and whether Copier alone updates what it rendered."""

    release: Release
    name: str
    by_copier: bool

    @property
    def answers(self) -> Answers:
        """Those answers of which the release has the questions."""
        asked = questions_of(self.release)
        return {name: answer for name, answer in ANSWERS[self.name].items() if name in asked}


def cases(
    releases: list[Release], names: Iterable[str] = ANSWERS, *, by_copier: bool = False
) -> list[ParameterSet]:
    """Return each release with each set of answers, by its own command unless it has none."""
    return [
        parameter(Case(release, name, by_copier=by_copier or not release.has_command))
        for name in names
        for release in releases
    ]


def parameter(case: Case) -> ParameterSet:
    """Return a case of which one worker has all tests."""
    id_ = f"{case.release.version}-{case.name}{'-by-copier' if case.by_copier else ''}"
    return pytest.param(case, id=id_, marks=pytest.mark.xdist_group(f"updates-{id_}"))


def cases_in_time(*, by_copier: bool = False) -> list[ParameterSet]:
    """Return all cases; where time is short, those of older releases by default answers only."""
    if tries_all():
        return cases(chosen(), by_copier=by_copier)
    *older, previous = chosen()
    return [
        *cases(older, ["default"], by_copier=by_copier),
        *cases([previous], by_copier=by_copier),
    ]


def edited_cases() -> list[ParameterSet]:
    """Return the cases that are edited: by Copier, too, what has the command, if there is time."""
    by_both = [release for release in chosen() if release.has_command and tries_all()]
    return [one_of_tests(each) for each in [*cases_in_time(), *cases(by_both, by_copier=True)]]


def one_of_tests(parameter: ParameterSet) -> ParameterSet:
    """Mark the case that `nox -s tests` runs: the previous release with the default answers."""
    [case] = parameter.values
    is_chosen = case == Case(chosen()[-1], "default", by_copier=False)
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


def upgrade(service: Service) -> None:
    """Take over the next version by the project's command; fail if that needs a person."""
    service.run("poe", "upgrade", "--no-check")
    run("git", "merge", "-q", BRANCH, cwd=service.folder)
    run(uv(), "sync", "-q", cwd=service.folder, **service.environment)


def status(folder: Path) -> list[str]:
    """Return what is not committed."""
    return run("git", "status", "--porcelain", cwd=folder).splitlines()


def lock(service: Service) -> None:
    """Lock the dependencies anew and install them, as the documentation says."""
    for command in (("lock", "-q"), ("sync", "-q")):
        run(uv(), *command, cwd=service.folder, **service.environment)


def take_over_the_models(service: Service, message: str = "take over the release") -> None:
    """Migrate, and where the models changed write the project's own revision and run it."""
    service.run("poe", "migrate")
    if differs(service):
        service.run("poe", "migration", message)
        service.run("poe", "migrate")


def differs(service: Service) -> bool:
    """Tell whether the models say something else than the migrated database."""
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
