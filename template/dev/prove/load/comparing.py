"""Compares the durations of requests, sent in turn so that other programs disturb all alike."""

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


def durations(*sent: tuple[Client, Request]) -> list[float]:
    """Return the seconds that each request takes."""
    seconds: list[list[float]] = [[] for _ in sent]
    began = time.monotonic()
    for number in range(SENT):
        for found, (client, request) in zip(seconds, sent, strict=True):
            found.append(client.send(request).seconds)
        if number + 1 >= FEWEST and time.monotonic() > began + LONGEST_SECONDS:
            break
    return [fast(each) for each in seconds]


def fast(seconds: Sequence[float]) -> float:
    """Return the first quartile, which other programs of the machine disturb least."""
    return sorted(seconds)[int(len(seconds) * FASTEST_PART)]
