"""The tests of a generated resource find each fault of a list that was written without them.

Each run of pytest is a fork, which takes about two seconds; `-k` chooses faults by their ids.
"""

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.resource import arguments as words
from dev.resource.grammar import read
from dev.resource.recipe_file import append
from tests.support import resource_faults
from tests.support.pytest_runs import PytestRuns, pytest_runs
from tests.support.resource_faults import Fault
from tests.support.services import Install, Once, Service

FAULTS = resource_faults.read_faults()
PASSED, FAILED = 0, 1


def recipe_file() -> str:
    """Return the recipes of all resources as a file for `poe resource --from`."""
    text = ""
    for line in resource_faults.read_recipes().values():
        command = words.read(shlex.split(line))
        resource, mistakes = read(command.words, command.options)
        assert mistakes == []
        text = append(text, resource)
    return text


@pytest.fixture(scope="session")
def service(once: Once, install: Install) -> Service:
    """A project with the generated resources, whose files no other pytest worker changes."""
    service = install()

    def generate(folder: Path) -> None:
        (service.folder / "recipes.toml").write_text(recipe_file(), "utf-8")
        service.run("poe", "resource", "--from", "recipes.toml")
        ignored = shutil.ignore_patterns(".data", "__pycache__")
        shutil.copytree(service.folder, folder, dirs_exist_ok=True, ignore=ignored)

    shutil.copytree(once("resources", generate), service.folder, dirs_exist_ok=True)
    return service


@pytest.fixture(scope="session")
def runs(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PytestRuns]:
    """Runs of pytest that share their servers."""
    with pytest_runs(service, tmp_path_factory.mktemp("runs") / "output.txt") as runs:
        yield runs


@pytest.mark.parametrize("name", sorted({fault.name for fault in FAULTS}))
def test_the_tests_of_a_resource_without_faults_pass(runs: PytestRuns, name: str) -> None:
    assert runs.run(resource_faults.arguments(name)) == PASSED, runs.output.read_text("utf-8")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_the_tests_of_a_resource_find_each_fault(runs: PytestRuns, fault: Fault) -> None:
    with fault.planted(runs.project):
        code = runs.run(resource_faults.arguments(fault.name, fault.by))

    assert code == FAILED, f"{fault.wrong}\n{runs.output.read_text('utf-8')}"
