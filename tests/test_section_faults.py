"""Each check of the sections `faults` and `load` of `poe prove` finds a planted fault.

Without PROVE=all, which `nox -s proofs` sets, the faults of `faults` are left out: six minutes.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.support.documented_commands import PROVE_LOAD
from tests.support.planting import FIXTURES, Edit, planted
from tests.support.processes import run
from tests.support.prove_runs import Proof, prove, read_proof
from tests.support.services import Install, Service

STACK = "pyjwt-pwdlib"
# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)
FAULTS = tomllib.loads((FIXTURES / "section_faults.toml").read_text("utf-8"))
# The shortest loads are enough; all faults take some minutes.
MINUTES = {"faults": 20, "load": 1}
SECTIONS = [*FAULTS] if os.environ.get("PROVE") == "all" else ["load"]
# No request fits these budgets, of which a service without planted faults has none.
BUDGETS = """\
[load.cpu]
"GET /api/v1/users/me" = 0.01
[load.statements]
"GET /api/v1/users/me" = 0
"""
INVALID = "[load.cpu]\n'GET /api/v1/users/me' = 'fast'\n"


@pytest.fixture(scope="module")
def service(install: Install) -> Service:
    """A service with jobs, in whose files the tests plant faults."""
    return install(auth_stack=STACK, example=True, jobs="postgres")


def run_with(service: Service, section: str, faults: Iterable[Mapping[str, Any]]) -> Proof:
    """Run a section while all of its faults are planted."""
    edits = [Edit(*edit) for fault in faults for edit in fault["edits"]]
    with planted(service.folder, edits):
        return prove(service, section, f"--minutes={MINUTES[section]}")


def test_the_load_of_a_service_without_faults_writes_budgets_and_finds_nothing(
    service: Service,
) -> None:
    typed = ("bash", "-euo", "pipefail", "-c", PROVE_LOAD)
    proof = read_proof(service, run(*typed, cwd=service.folder, **service.environment))
    budgets = tomllib.loads((service.folder / "prove.toml").read_text("utf-8"))["load"]

    assert proof.failed == set(), proof.output
    assert budgets["limit"] == 1.25
    assert budgets["cpu"].keys() == budgets["statements"].keys()
    assert {"GET /api/v1/items", "POST /api/v1/items"} <= budgets["cpu"].keys()
    assert ("growth", "GET /api/v1/items") in proof.passed


@pytest.mark.parametrize("section", SECTIONS)
def test_each_planted_fault_is_named_by_its_check(service: Service, section: str) -> None:
    (service.folder / "prove.toml").write_text(BUDGETS, "utf-8")
    faults = FAULTS[section]

    proof = run_with(service, section, faults)

    assert [each for each in faults if not proof.names(each)] == [], proof.output


def test_invalid_budgets_are_reported_with_the_command_that_replaces_them(service: Service) -> None:
    (service.folder / "prove.toml").write_text(INVALID, "utf-8")

    proof = prove(service, "load", "--minutes=1")

    assert proof.failed == {("run", "the section")}
    assert "prove.toml is not valid" in proof.output
    assert "run `uv run --group prove poe prove --only load --accept`" in proof.output
