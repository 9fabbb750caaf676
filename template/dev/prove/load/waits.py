"""Requests that wait for each other, or let all other requests of a worker wait."""

from dev.prove.load.measuring import CONNECTIONS, Figures

CONCURRENCY, EVENT_LOOP = "concurrency", "event loop"
CHECKS = (CONCURRENCY, EVENT_LOOP)
# Requests that wait for a lock leave processors idle that the yardstick used at the same time, and
# take longer with many connections. Other programs disturb both loads.
IDLE, SLOWER = 0.5, 3
# A request lets others wait for a small part of its CPU time, unless it holds the event loop.
LONGEST_DELAY = 10


def problems_of(figures: Figures, yardstick: Figures, delay: float) -> dict[str, str]:
    """Return the details of the checks that failed."""
    found = dict[str, str]()
    if figures.processors < IDLE * yardstick.processors and figures.slowdown > SLOWER:
        found[CONCURRENCY] = (
            f"its requests wait for each other: with {CONNECTIONS} connections, each takes"
            f" {figures.slowdown:.0f} times as long, although processors are idle"
        )
    if delay > LONGEST_DELAY:
        found[EVENT_LOOP] = f"beside its requests, `/health` takes {delay:.0f} times as long"
    return found
