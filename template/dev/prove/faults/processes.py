"""Faults of the service's own processes."""

import signal
import time

import psutil

from dev.prove.faults.invariants import failures
from dev.prove.faults.observed import (
    BEFORE_SECONDS,
    OUTAGE_SECONDS,
    TORN_SECONDS,
    Observed,
    require_unready,
)
from dev.prove.faults.traffic import CLIENTS, Traffic
from dev.prove.service import DRAIN_SECONDS, ProvedService
from dev.prove.waiting import wait_until


def kill_worker(service: ProvedService, traffic: Traffic) -> Observed:
    """Kill a worker: it is replaced, and only its own requests fail."""
    seen, before = Observed(), service.workers()
    with traffic.running():
        time.sleep(BEFORE_SECONDS)
        killed = time.monotonic()
        psutil.Process(min(before)).kill()
        seen.seconds["replacement"] = wait_until(
            lambda: len(service.workers() - before) == 1, "No worker replaced the killed one"
        )
        time.sleep(OUTAGE_SECONDS)
    torn = failures(traffic.answers)
    traffic.health = [each for each in traffic.health if not each.began < killed < each.ended]
    traffic.ready = [each for each in traffic.ready if not each.began < killed < each.ended]
    seen.require(f"{len(torn)} requests failed", holds=len(torn) <= CLIENTS)
    replaced = killed + max(TORN_SECONDS, seen.seconds["replacement"])
    late = [answer for answer in torn if answer.began > replaced]
    seen.forbid(late, "after the worker was replaced")
    return seen


def reload(service: ProvedService, traffic: Traffic) -> Observed:
    """Reload twice by SIGHUP: all workers are replaced, and no request fails."""
    seen = Observed()
    with traffic.running():
        seen.seconds["first reload"] = replace_all(service)
        seen.seconds["second reload"] = replace_all(service)
        time.sleep(BEFORE_SECONDS)
    seen.forbid(failures([*traffic.answers, *traffic.health, *traffic.ready]), "during the reload")
    return seen


def replace_all(service: ProvedService) -> float:
    """Reload gunicorn; return the seconds until all previous workers have exited."""
    before = service.workers()
    service.processes["gunicorn"].send_signal(signal.SIGHUP)
    return wait_until(lambda: not before & service.workers(), "The workers were not replaced")


def drain(service: ProvedService, traffic: Traffic) -> Observed:
    """Stop the service by SIGTERM: it drains, and no request that was accepted fails."""
    seen = Observed()
    with traffic.running():
        time.sleep(BEFORE_SECONDS)
        told = time.monotonic()
        code = service.stop("gunicorn", signal.SIGTERM)
        seen.seconds["the end after SIGTERM"] = time.monotonic() - told
    service.heal()
    seen.require(f"it exited with {code} after SIGTERM", holds=code == 0)
    seen.require_within("the end after SIGTERM", DRAIN_SECONDS + 10)
    seen.forbid(failures([*traffic.answers, *traffic.health]), "while the service drained")
    require_unready(seen, traffic, told, 1)
    _require_drain(seen, traffic, told)
    return seen


def _require_drain(seen: Observed, traffic: Traffic, told: float) -> None:
    """Note if the service did not drain. On a busy machine, it begins late."""
    since = told + max(0.5, seen.seconds.get("unreadiness", 0))
    draining = [a for a in traffic.answers if since < a.began < told + DRAIN_SECONDS - 0.5]
    refused = any(answer.is_refused for answer in draining)
    detail = "it refused connections while it drained"
    seen.require(detail, holds=bool(draining) and not refused, limit="drain")
    kept = [a for a in draining if a.headers.get("connection") != "close"]
    detail = "it kept connections open while it drained"
    seen.require(detail, holds=not kept or refused, limit="drain")


def recycle_workers(service: ProvedService, traffic: Traffic) -> Observed:
    """Let workers exit after some requests (`--max-requests`): no request fails."""
    seen = Observed()
    service.stop("gunicorn", signal.SIGQUIT)
    service.start_gunicorn("--max-requests 50 --max-requests-jitter 50")
    service.heal()
    before = service.workers()
    with traffic.running():
        seen.seconds["replacement"] = wait_until(
            lambda: not before & service.workers(), "The workers were not replaced"
        )
    service.stop("gunicorn", signal.SIGQUIT)
    service.heal()
    seen.forbid(failures([*traffic.answers, *traffic.health, *traffic.ready]), "during that")
    return seen
