"""Faults under load: no data is lost, and the service recovers by itself.

`poe prove` breaks the service and holds these promises, in this project as in those of owners.
"""

import pytest

from tests.support.prove_runs import SERVICE, Proof, prove
from tests.support.services import Install

STACK = "pyjwt-pwdlib"
# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)
WRITES = {"POST /api/v1/items", "PATCH /api/v1/items/{item_id}", "DELETE /api/v1/items/{item_id}"}


@pytest.fixture(scope="module")
def proof(install: Install) -> Proof:
    """Return the results of all faults in a service with jobs."""
    return prove(install(auth_stack=STACK, example=True, jobs="postgres"), "faults")


def test_no_fault_breaks_a_promise(proof: Proof) -> None:
    assert proof.failed == set(), proof.output


def test_a_service_that_starts_before_its_database_becomes_ready(proof: Proof) -> None:
    """REL-01, REL-02, REL-08"""
    assert ("started before PostgreSQL", SERVICE) in proof.passed


def test_a_killed_worker_is_replaced_and_only_its_own_requests_fail(proof: Proof) -> None:
    """REL-03"""
    assert ("worker killed", SERVICE) in proof.passed


def test_a_reload_replaces_all_workers_without_failed_requests(proof: Proof) -> None:
    """REL-09"""
    assert ("workers reloaded", SERVICE) in proof.passed


def test_a_stopping_service_drains_without_failed_requests(proof: Proof) -> None:
    """REL-02, REL-04, REL-11"""
    assert ("service stopped", SERVICE) in proof.passed


def test_a_database_crash_loses_no_acknowledged_write(proof: Proof) -> None:
    """REL-01, REL-02, REL-05"""
    assert ("PostgreSQL stopped", SERVICE) in proof.passed
    assert proof.value("PostgreSQL stopped", "unreadiness") <= 5
    assert proof.value("PostgreSQL stopped", "last failure") <= 15


def test_requests_succeed_again_after_a_restart_of_the_database(proof: Proof) -> None:
    """REL-05"""
    assert ("PostgreSQL restarted", SERVICE) in proof.passed


def test_a_frozen_database_delays_no_request_beyond_8_seconds(proof: Proof) -> None:
    """REL-01, REL-02, REL-06, RES-07, RES-08"""
    assert ("PostgreSQL frozen", SERVICE) in proof.passed
    assert proof.value("PostgreSQL frozen", "slowest request") <= 8


def test_requests_succeed_during_a_valkey_outage_and_valkey_is_used_again_afterwards(
    proof: Proof,
) -> None:
    """REL-07, RTL-12, SES-12"""
    assert ("Valkey stopped", SERVICE) in proof.passed


def test_workers_at_their_request_limit_are_replaced_without_failed_requests(proof: Proof) -> None:
    """REL-11"""
    assert ("workers recycled", SERVICE) in proof.passed


def test_no_operation_acknowledges_a_change_whose_commit_fails(proof: Proof) -> None:
    """REL-05"""
    assert {("failing commit", operation) for operation in WRITES} <= proof.passed


def test_no_job_is_lost_and_no_failed_job_counts_as_successful(proof: Proof) -> None:
    assert {("job worker killed", "the worker"), ("failing job", "task purge")} <= proof.passed


def test_the_load_consists_of_the_operations_of_the_project(proof: Proof) -> None:
    measured = {each["subject"]: each["detail"] for each in proof.results["findings"]}

    assert WRITES & {name for name in measured if "not part of it" in measured[name]} == set()
    assert measured["DELETE /api/v1/users/me"] == "not part of it: sent again, it answers 401"
