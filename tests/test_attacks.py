"""Each check of the section `attacks` of `poe prove` finds a fault that is planted for it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import attack_faults
from tests.support.attack_faults import Attack
from tests.support.pytest_runs import pytest_runs
from tests.support.services import Install, Service

FAULTS = attack_faults.read_faults()


@pytest.fixture(scope="module")
def service(install: Install) -> Service:
    """A service in whose files the tests plant faults."""
    return install()


@pytest.fixture(scope="module")
def attack(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """Return a function that runs checks, and returns their findings."""
    folder = tmp_path_factory.mktemp("attacks")
    findings = folder / "findings"
    with pytest_runs(service, folder / "output", PROVE_FINDINGS=str(findings)) as runs:
        yield Attack(runs, findings)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.tests)
def test_a_planted_fault_is_named_by_its_check(
    service: Service, attack: Attack, fault: attack_faults.Fault
) -> None:
    with fault.planted(service.folder):
        found = attack.run(fault.tests)

    assert {each["check"] for each in found if each["outcome"] == "failed"} == {fault.check}, (
        attack.runs.output.read_text("utf-8")
    )


def test_every_check_has_a_planted_fault(service: Service) -> None:
    modules = Path(service.folder, "dev/prove/attacks").glob("check_*.py")
    planted = Counter(fault.check for fault in FAULTS)

    assert attack_faults.declared_checks(modules) - planted.keys() == attack_faults.IN_RESOURCES


def test_the_checks_find_nothing_in_the_default_service(attack: Attack) -> None:
    found = attack.run("items")

    assert json.dumps([each for each in found if each["outcome"] == "failed"]) == "[]"
