"""Skips calls to a server that does not respond, so that requests do not wait for it."""

import time
from collections.abc import Callable

import structlog
from redis.exceptions import MaxConnectionsError

# More than one, because a single failure may be a delay in this process on a busy CPU.
FAILURE_THRESHOLD = 3
OPEN_SECONDS = 5.0

logger = structlog.get_logger(__name__)


class CircuitBreaker:
    """Opens for `OPEN_SECONDS` after several consecutive failures."""

    def __init__(self, name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._event = f"{name}_away"
        self._monotonic = monotonic
        self._open_until = 0.0
        self._failures = 0

    @property
    def is_open(self) -> bool:
        """Whether calls should be skipped now."""
        return self._monotonic() < self._open_until

    def note_success(self) -> None:
        """Reset the count of failures."""
        self._failures = 0

    def note_failure(self, error: Exception) -> None:
        """Record a failure; open the breaker after `FAILURE_THRESHOLD` consecutive ones.

        Pool exhaustion is ignored, because it is not a failure of the server. Failures while the
        breaker is open are ignored too, because those calls began before it opened.
        """
        if self.is_open or isinstance(error, MaxConnectionsError):
            return
        self._failures += 1
        if self._failures >= FAILURE_THRESHOLD:
            self._failures = 0
            self._open_until = self._monotonic() + OPEN_SECONDS
            logger.warning(self._event, error=repr(error), seconds=OPEN_SECONDS)
