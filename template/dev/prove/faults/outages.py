"""Faults of the servers that the service needs."""

import signal
import time

from dev.prove.client import OK, UNAVAILABLE, Answer
from dev.prove.faults.invariants import Violation, failures
from dev.prove.faults.observed import (
    AFTER_SECONDS,
    BEFORE_SECONDS,
    LONGEST_RECOVERY,
    LONGEST_UNREADY,
    LONGEST_WITHOUT_CACHE,
    OUTAGE_SECONDS,
    SLOWER_WITHOUT_CACHE,
    Observed,
    first_answer,
    require_unready,
)
from dev.prove.faults.traffic import Traffic
from dev.prove.population import longest_request
from dev.prove.service import ProvedService
from dev.prove.waiting import wait_until

# Slower than any recovery that passes.
LONGEST_WAIT = 2 * LONGEST_RECOVERY


def crash_postgres(service: ProvedService, traffic: Traffic) -> Observed:
    """Stop PostgreSQL at once for some seconds."""
    seen = Observed()
    with traffic.running():
        time.sleep(BEFORE_SECONDS)
        lost = time.monotonic()
        service.stop("postgres", signal.SIGQUIT)
        gone = time.monotonic()
        time.sleep(OUTAGE_SECONDS)
        back = time.monotonic()
        service.start_postgres()
        _wait_until_ready(service)
        ready = time.monotonic()
        time.sleep(AFTER_SECONDS)
    require_unready(seen, traffic, lost, LONGEST_UNREADY)
    successes = [answer for answer in traffic.answers if answer.is_success]
    usual = [each for each in successes if each.ended < lost or each.began > ready]
    without = [each for each in successes if each.began > gone and each.ended < back]
    _forbid_other_content(seen, usual, without)
    return _recovered(seen, traffic, back)


def restart_postgres(service: ProvedService, traffic: Traffic) -> Observed:
    """Restart PostgreSQL, as an update of it does."""
    seen = Observed()
    with traffic.running():
        time.sleep(BEFORE_SECONDS)
        back = time.monotonic()
        service.stop("postgres", signal.SIGINT)
        service.start_postgres()
        _wait_until_ready(service)
        time.sleep(AFTER_SECONDS)
    return _recovered(seen, traffic, back)


def freeze_postgres(service: ProvedService, traffic: Traffic) -> Observed:
    """Freeze PostgreSQL longer than a request may take."""
    seen, longest = Observed(), longest_request(service)
    with traffic.running():
        time.sleep(BEFORE_SECONDS)
        lost = time.monotonic()
        frozen = service.tree("postgres")
        for process in frozen:
            process.suspend()
        time.sleep(longest + 1)
        back = time.monotonic()
        for process in frozen:
            process.resume()
        _wait_until_ready(service)
        time.sleep(AFTER_SECONDS)
    require_unready(seen, traffic, lost, LONGEST_UNREADY)
    durations = slowest(traffic.answers)
    seen.seconds["slowest request"] = max(durations.values(), default=0)
    for operation, took in durations.items():
        if took > longest:
            detail = f"it took {took:.1f} s, and may take {longest:.1f} s"
            seen.broken.append(Violation(operation, detail, limit="duration"))
    return _recovered(seen, traffic, back)


def stop_valkey(service: ProvedService, traffic: Traffic) -> Observed:
    """Stop Valkey for some seconds: no request fails, and Valkey is used again afterwards."""
    seen = Observed()
    with traffic.running():
        time.sleep(BEFORE_SECONDS)
        lost = time.monotonic()
        service.stop("valkey", signal.SIGTERM)
        time.sleep(OUTAGE_SECONDS)
        service.start_valkey()
        time.sleep(BEFORE_SECONDS)
        seen.seconds["return to Valkey"] = wait_until(
            lambda: service.valkey_keys() > 0, "The service did not use Valkey again", 15
        )
    seen.forbid(failures(traffic.answers), "without Valkey")
    before = p95([answer for answer in traffic.answers if answer.began < lost])
    name = "95th percentile of the requests"
    seen.seconds[name] = p95([answer for answer in traffic.answers if answer.began > lost])
    seen.require_within(name, max(LONGEST_WITHOUT_CACHE, SLOWER_WITHOUT_CACHE * before))
    return seen


def p95(answers: list[Answer]) -> float:
    """Return the 95th percentile of the durations, or 0 without answers."""
    ordered = sorted(answer.seconds for answer in answers)
    return ordered[int(len(ordered) * 0.95)] if ordered else 0


def slowest(answers: list[Answer]) -> dict[str, float]:
    """Return the longest duration of each operation."""
    longest = dict[str, float]()
    for answer in answers:
        longest[answer.operation] = max(longest.get(answer.operation, 0), answer.seconds)
    return longest


def _forbid_other_content(seen: Observed, usual: list[Answer], without: list[Answer]) -> None:
    """Note each operation that succeeded without PostgreSQL, with nothing in place of rows."""
    shapes: dict[str, set[str]] = {}
    for answer in usual:
        shapes.setdefault(answer.operation, set()).add(_shape(answer.document))
    for operation, answer in {answer.operation: answer for answer in without}.items():
        shape = _shape(answer.document)
        detail = f"it answered {answer.status} without PostgreSQL, with other content"
        seen.require(detail, holds=shape in shapes.get(operation, {shape}), subject=operation)


def _shape(document: object) -> str:
    """Return the members and types of a document, whatever its values are."""
    if isinstance(document, dict):
        return str({name: _shape(value) for name, value in sorted(document.items())})
    if isinstance(document, list):
        return f"[{_shape(document[0])}]" if document else "[]"
    return type(document).__name__


def _wait_until_ready(service: ProvedService) -> None:
    what = "GET /ready did not answer 200 again"
    wait_until(lambda: service.status("/ready") == OK, what, LONGEST_WAIT)


def _recovered(seen: Observed, traffic: Traffic, back: float) -> Observed:
    """Add the seconds of the recovery; requests may have failed with 503 only."""
    failed = failures(traffic.answers)
    seen.forbid([each for each in failed if not each.status], "instead of answering 503")
    seen.seconds |= {
        "first success": next(first_answer(traffic.answers, back, good=True), LONGEST_WAIT),
        "readiness": next(first_answer(traffic.ready, back, good=True), LONGEST_WAIT),
        "last failure": max([0, *(a.ended - back for a in failed if a.status in {0, UNAVAILABLE})]),
    }
    for name in ("first success", "readiness", "last failure"):
        seen.require_within(name, LONGEST_RECOVERY)
    return seen
