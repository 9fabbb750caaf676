"""Faults under load: no data is lost, and the service recovers by itself."""

import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.support.load import CLIENTS, Load
from tests.support.load_results import (
    check_all,
    check_recovery,
    failures,
    p95_of,
    seconds_until,
    tell,
)
from tests.support.production_stack import DRAIN_SECONDS, Stack, wait_until
from tests.support.services import Install

STACK = "pyjwt-pwdlib"
# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)


@pytest.fixture(scope="module")
def stack(install: Install) -> Iterator[Stack]:
    """Yield the service and its servers, which are all stopped."""
    stack = Stack(install(auth_stack=STACK, example=True))
    try:
        stack.start_postgres()
        stack.migrate()
        stack.stop("postgres", signal.SIGINT)
        yield stack
    finally:
        stack.close()


@pytest.fixture
def load(stack: Stack) -> Load:
    """Return the load of a new user, after all servers of the service were started."""
    stack.heal()
    return Load.of_somebody_new(stack.port)


def test_a_service_that_starts_before_its_database_becomes_ready(
    stack: Stack,
) -> None:
    """REL-01, REL-02, REL-08"""
    stack.start_gunicorn()
    wait_until(lambda: stack.status("/health") == 200)

    before = stack.status("/ready")
    stack.start_postgres()
    seconds = wait_until(lambda: stack.status("/ready") == 200, 30)

    assert before == 503
    print(f"\nstart before the database: ready {seconds:.2f} s after it")  # noqa: T201


def test_a_killed_worker_is_replaced_and_only_its_own_requests_fail(
    stack: Stack, load: Load
) -> None:
    """REL-03"""
    before = stack.workers()
    with load.running():
        time.sleep(1)
        killed = time.monotonic()
        psutil.Process(min(before)).kill()
        replaced = wait_until(lambda: len(stack.workers() - before) == 1)
        time.sleep(3)

    torn = failures(load.answers)
    load.health = [each for each in load.health if not each.began < killed < each.ended]
    tell("a worker killed", load, replaced=replaced)
    check_all(load)
    assert len(torn) <= CLIENTS
    assert [answer for answer in torn if answer.ended > killed + 2] == []


def test_a_reload_replaces_all_workers_without_failed_requests(stack: Stack, load: Load) -> None:
    """REL-09"""
    with load.running():
        seconds = [replace_all(stack), replace_all(stack)]
        time.sleep(1)

    tell("workers replaced twice", load, first=seconds[0], second=seconds[1])
    check_all(load)
    assert failures([*load.answers, *load.health, *load.ready]) == []


def replace_all(stack: Stack) -> float:
    """Reload gunicorn; return the seconds until all previous workers have exited."""
    before = stack.workers()
    stack.processes["gunicorn"].send_signal(signal.SIGHUP)
    return wait_until(lambda: not before & stack.workers())


def test_a_stopping_service_drains_without_failed_requests(stack: Stack, load: Load) -> None:
    """REL-02, REL-04, REL-11"""
    with load.running():
        time.sleep(1)
        told = time.monotonic()
        code = stack.stop("gunicorn", signal.SIGTERM)
        stopped = time.monotonic()
    stack.heal()

    tell("told to stop", load, stopped=stopped - told)
    check_all(load)
    assert code == 0
    assert stopped - told < DRAIN_SECONDS + 10
    assert failures([*load.answers, *load.health]) == []
    drained = [each for each in load.answers if told + 0.5 < each.began < told + DRAIN_SECONDS]
    assert {answer.status for answer in drained} == {200, 201}
    assert {answer.headers["connection"] for answer in drained} == {"close"}
    assert seconds_until(load.ready, told, good=False) < 1


def test_a_database_crash_loses_no_acknowledged_write(stack: Stack, load: Load) -> None:
    """REL-01, REL-02, REL-05"""
    with load.running():
        time.sleep(1)
        lost = time.monotonic()
        stack.stop("postgres", signal.SIGQUIT)
        time.sleep(3)
        back = time.monotonic()
        stack.start_postgres()
        wait_until(lambda: stack.status("/ready") == 200)
        time.sleep(2)

    check_recovery("the database stopped", load, lost, back)


def test_a_frozen_database_delays_no_request_beyond_8_seconds(stack: Stack, load: Load) -> None:
    """REL-01, REL-02, REL-06, RES-07, RES-08"""
    with load.running():
        time.sleep(1)
        lost = time.monotonic()
        frozen = stack.tree("postgres")
        for process in frozen:
            process.suspend()
        time.sleep(9)
        back = time.monotonic()
        for process in frozen:
            process.resume()
        wait_until(lambda: stack.status("/ready") == 200)
        time.sleep(2)

    check_recovery("the database frozen", load, lost, back)
    assert max(answer.seconds for answer in load.answers) <= 8


def test_requests_succeed_during_a_valkey_outage_and_valkey_is_used_again_afterwards(
    stack: Stack, load: Load
) -> None:
    """REL-07, RTL-12, SES-12"""
    with load.running():
        time.sleep(1)
        lost = time.monotonic()
        stack.stop("valkey", signal.SIGTERM)
        time.sleep(3)
        stack.start_valkey()
        time.sleep(1)
        counted = wait_until(lambda: stack.counters() > 0, 15)

    before = p95_of([answer for answer in load.answers if answer.began < lost])
    p95 = p95_of([answer for answer in load.answers if answer.began > lost])
    tell("without Valkey", load, before=before, p95=p95, counted=counted)
    check_all(load)
    assert failures(load.answers) == []
    assert p95 <= 0.5


def test_workers_at_their_request_limit_are_replaced_without_failed_requests(stack: Stack) -> None:
    """REL-11. This test is the last one, because the service keeps these options."""
    stack.heal()
    stack.stop("gunicorn", signal.SIGQUIT)
    stack.start_gunicorn("--max-requests 50 --max-requests-jitter 50")
    stack.heal()
    load, before = Load.of_somebody_new(stack.port), stack.workers()
    with load.running():
        replaced = wait_until(lambda: not before & stack.workers())

    tell("served enough", load, replaced=replaced)
    check_all(load)
    assert failures([*load.answers, *load.health, *load.ready]) == []
