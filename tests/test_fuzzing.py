"""Generated requests, valid and invalid, to a started service: the fuzzing of `poe prove`."""

import json
import re
from pathlib import Path

import pytest

from tests.support import attack_faults, fuzz_project
from tests.support.planting import planted
from tests.support.services import Install, Service
from tests.support.variants import ROOT

STACK = "pyjwt-pwdlib"
CONFIGURATION = ROOT / "tests/support/schemathesis.toml"
EXAMPLES = "15"
LOG = {"unexpected errors", "secrets in logs"}
PUBLIC = {
    "GET /health",
    "GET /ready",
    "POST /api/v1/users",
    *(f"POST /api/v1/auth/{each}" for each in ("token", "refresh", "revoke", "logout")),
    "POST /api/v1/auth/password-reset",
}
ADMINISTRATION = {
    "GET /api/v1/users",
    "PATCH /api/v1/users/{user_id}",
    "POST /api/v1/users/{user_id}/password-reset",
    "DELETE /api/v1/users/{user_id}/sessions",
}
ACCEPTED = re.compile(r"as (\w+): (\d+) of \d+ valid requests were accepted")
# Only the operations with planted faults.
FEW = """
[[operations]]
include-path-regex = "^(?!/api/v1/items$)"
enabled = false
"""

# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)
Findings = list[dict[str, str]]


@pytest.fixture(scope="module")
def service(install: Install) -> Service:
    """A service in whose files the tests plant faults."""
    return install(auth_stack=STACK)


@pytest.fixture(scope="module")
def findings(service: Service) -> Findings:
    """The findings of a service without planted faults."""
    return fuzz(service, CONFIGURATION, EXAMPLES)


def fuzz(service: Service, configuration: Path, examples: str) -> Findings:
    """Fuzz a service that is started as in production, with separate databases."""
    command = ("--group", "prove", "python", "-P", fuzz_project.__file__)
    environment = service.environment | {"PYTHONPATH": "src:."}
    proved = Service(service.folder, environment)
    found: Findings = json.loads(proved.run(*command, str(configuration), examples))
    return found


def test_every_operation_conforms_to_its_description(findings: Findings) -> None:
    """VAL-22. The details of a failure contain the request and the response."""
    assert [each for each in findings if each["outcome"] != "passed"] == []
    assert {each["check"] for each in findings} == LOG | {"fuzzing"}


@pytest.mark.parametrize("role", ["anonymous", "user", "administrator"])
def test_every_operation_accepts_valid_requests_of_the_roles_that_may_use_it(
    findings: Findings, role: str
) -> None:
    """VAL-22"""
    rates = {
        each["subject"]: int(rate[2])
        for each in findings
        if (rate := ACCEPTED.match(each["detail"])) and rate[1] == role
    }
    accepted = {operation for operation, number in rates.items() if number}
    expected = {"anonymous": PUBLIC, "user": {*rates} - ADMINISTRATION}.get(role, {*rates})

    assert accepted == expected
    assert {*rates} > PUBLIC | ADMINISTRATION


def test_fuzzing_names_planted_faults(service: Service, tmp_path: Path) -> None:
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.read_text("utf-8") + FEW, "utf-8")
    faults = attack_faults.read_fuzzing_faults()
    with planted(service.folder, [edit for fault in faults for edit in fault.edits]):
        found = fuzz(service, configuration, "1")

    failed = [each for each in found if each["outcome"] == "failed"]
    for fault in faults:
        named = [each["detail"] for each in failed if each["subject"] == fault.subject]
        assert [detail for detail in named if fault.detail in detail], found
    assert {each["check"] for each in failed} == {"fuzzing", "unexpected errors"}
