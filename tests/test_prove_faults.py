"""`poe prove` names each fault of a list that was written without a look at its checks.

With PROVE=all, which `nox -s proofs` sets, the list includes the sections that take minutes.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.support import prove_faults
from tests.support.processes import CommandFailedError, commit, run
from tests.support.prove_faults import LIST, Fault
from tests.support.prove_runs import Proof, read_proof
from tests.support.services import Render, Service
from tests.support.variants import Answers

QUICK = ("contract", "migrations")
SECTIONS = (*QUICK, "attacks", "faults", "load") if os.environ.get("PROVE") == "all" else QUICK
VARIANTS: dict[str, Answers] = {"": {}, "jobs=postgres": {"jobs": "postgres"}}
# One pytest worker runs all tests, because they share a project.
pytestmark = pytest.mark.xdist_group("prove_faults")


class Projects:
    """Projects with the resource of the list, each of which is its own last release."""

    def __init__(self, render: Render, commands: str, folder: Path) -> None:
        self._render, self._commands, self._folder = render, commands, folder
        self._services: dict[str, Service] = {}

    def of(self, variant: str) -> Service:
        """Return the project of a variant."""
        if variant not in self._services:
            self._services[variant] = self._made(variant)
        return self._services[variant]

    def _made(self, variant: str) -> Service:
        folder = self._folder / (variant or "default")
        answers = LIST["project"]["answers"] | VARIANTS[variant]
        shutil.copytree(self._render(**answers), folder)
        # Tests of other files remove the packages of `poe prove` from the shared environment.
        environment = {"PATH": self._commands, "UV_PROJECT_ENVIRONMENT": str(folder / ".venv")}
        service = Service(folder, environment)
        command = LIST["project"]["command"]
        run("bash", "-euo", "pipefail", "-c", command, cwd=folder, **environment)
        service.run("poe", "contract", "--write")
        run("git", "init", "-q", cwd=folder)
        commit(folder, "Release")
        run("git", "tag", "v1.0.0", cwd=folder)
        return service


@pytest.fixture(scope="module")
def projects(render: Render, commands: str, tmp_path_factory: pytest.TempPathFactory) -> Projects:
    """Return the projects in which the tests plant faults."""
    return Projects(render, commands, tmp_path_factory.mktemp("proved"))


def prove(service: Service, section: str, **environment: str) -> Proof:
    """Run a section as the how-to says, and return its results, also if a check failed."""
    (service.folder / "prove-report.json").unlink(missing_ok=True)
    command = ("--group", "prove", "poe", "prove", "--only", section)
    try:
        output = Service(service.folder, service.environment | environment).run(*command)
    except CommandFailedError as error:
        output = str(error)
    return read_proof(service, output)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_project_without_faults_has_no_findings(projects: Projects, section: str) -> None:
    proof = prove(projects.of(""), section)

    assert proof.failed == set(), proof.output


@pytest.mark.parametrize(
    "fault",
    [each for each in prove_faults.read_faults() if each.section in SECTIONS],
    ids=lambda fault: fault.id,
)
def test_each_planted_fault_is_named(projects: Projects, fault: Fault) -> None:
    service = projects.of(fault.variant)

    with fault.planted(service.folder):
        proof = prove(service, fault.section, **fault.environment)

    named = [each for each in proof.results["findings"] if fault.is_named_by(each)]
    assert named, f"{fault.wrong}\n{proof.output}"
