"""Requests that wait for each other, which the figures of one load and of the yardstick show."""

from dev.prove.load.measuring import CONNECTIONS, Figures

CONCURRENCY, EVENT_LOOP = "concurrency", "event loop"
CHECKS = (CONCURRENCY, EVENT_LOOP)
# Requests that wait for a lock leave processors idle that the yardstick used at the same time, and
# take longer with many connections. Other programs disturb both loads.
IDLE, SLOWER = 0.5, 5
# A small request waits for a part of each request before it, but for a whole one only if that
# request holds the event loop.
HELD = 0.75


def problems_of(figures: Figures, yardstick: Figures) -> dict[str, str]:
    """Return the details of the checks that failed."""
    found = dict[str, str]()
    median = figures.sample.percentile(50)
    if figures.probed_ms > HELD * median and figures.slowdown > SLOWER:
        found[EVENT_LOOP] = (
            f"its requests hold the event loop: with {CONNECTIONS} connections, `/health` takes"
            f" {figures.probed_ms:.0f} ms"
        )
    elif figures.processors < IDLE * yardstick.processors and figures.slowdown > SLOWER:
        found[CONCURRENCY] = (
            f"its requests wait for each other: with {CONNECTIONS} connections, each takes"
            f" {figures.slowdown:.0f} times as long, although processors are idle"
        )
    return found
