"""Requests that wait for each other, or let all other requests of a worker wait."""

from dev.prove.load.measuring import CONNECTIONS, Figures

CONCURRENCY, EVENT_LOOP = "concurrency", "event loop"
CHECKS = (CONCURRENCY, EVENT_LOOP)
# Requests that wait for a lock leave processors idle that the yardstick used at the same time, and
# take longer with many connections. Other programs disturb both loads.
IDLE, SLOWER = 0.5, 3
# A request that only waits for PostgreSQL takes the CPU time of 5 to 30 yardsticks.
LONGEST_HOLD = 60


def problems_of(figures: Figures, yardstick: Figures) -> dict[str, str]:
    """Return the details of the checks that failed."""
    found = dict[str, str]()
    if figures.processors < IDLE * yardstick.processors and figures.slowdown > SLOWER:
        found[CONCURRENCY] = (
            f"its requests wait for each other: with {CONNECTIONS} connections, each takes"
            f" {figures.slowdown:.0f} times as long, although processors are idle"
        )
    if figures.loop_cpu_ms > LONGEST_HOLD * yardstick.cpu_ms:
        found[EVENT_LOOP] = (
            f"each request computes for {figures.loop_cpu_ms:.0f} ms on the event loop, which"
            f" are {figures.loop_cpu_ms / yardstick.cpu_ms:.0f} yardsticks: use a thread"
        )
    return found
