"""Leaving alone what does not answer, so that no request waits for it in vain."""

import time
from collections.abc import Callable

import structlog
from redis.exceptions import MaxConnectionsError

# Failures in a row: one alone may be a delay of our own, on a busy processor.
FAILURE_THRESHOLD = 3
OPEN_SECONDS = 5.0

logger = structlog.get_logger(__name__)


class CircuitBreaker:
    """Open after some failures in a row, for a while."""

    def __init__(self, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._event = f"{name}_away"
        self._monotonic = monotonic
        self._open_until = 0.0
        self._failures = 0

    @property
    def is_open(self) -> bool:
        """Whether to do without, for now."""
        return self._monotonic() < self._open_until

    def note_success(self) -> None:
        """Forget the failures before."""
        self._failures = 0

    def note_failure(self, error: Exception) -> None:
        """Open, unless it was one answer among others that came late.

        That more wanted a connection than the pool holds says nothing of the other side.
        """
        if self.is_open or isinstance(error, MaxConnectionsError):
            return
        self._failures += 1
        if self._failures >= FAILURE_THRESHOLD:
            self._failures = 0
            self._open_until = self._monotonic() + OPEN_SECONDS
            logger.warning(self._event, error=repr(error), seconds=OPEN_SECONDS)
