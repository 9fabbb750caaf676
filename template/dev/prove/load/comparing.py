"""Compares durations, measured in turn so that other programs disturb all alike."""

import time
from collections.abc import Callable, Sequence

from dev.prove.client import Client
from dev.prove.requests import Request

HIGHEST_RATIO = 1.5
ATTEMPTS = 3
SENT, FEWEST, LONGEST_SECONDS = 40, 2, 3
CLEAR_RATIO = 4
FASTEST_PART = 0.25


def smallest_ratio(measure: Callable[[], float]) -> float:
    """Measure a ratio until it passes, is clear, or all attempts end; return the smallest."""
    ratios = [measure()]
    while HIGHEST_RATIO < ratios[-1] <= CLEAR_RATIO and len(ratios) < ATTEMPTS:
        ratios.append(measure())
    return min(ratios)


def sending(client: Client, request: Request) -> Callable[[], float]:
    """Return a function that sends a request and returns the seconds until its answer."""
    return lambda: client.send(request).seconds


def durations(*measured: Callable[[], float]) -> list[float]:
    """Measure each duration many times, in seconds.

    Return the first quartiles, which other programs of the machine disturb least.
    """
    seconds: list[list[float]] = [[] for _ in measured]
    began = time.monotonic()
    for number in range(SENT):
        for found, measure in zip(seconds, measured, strict=True):
            found.append(measure())
        if number + 1 >= FEWEST and time.monotonic() > began + LONGEST_SECONDS:
            break
    return [_quartile(each) for each in seconds]


def _quartile(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(len(seconds) * FASTEST_PART)]
