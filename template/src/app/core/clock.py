"""The one clock: whoever needs the time is given it, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time, aware and in UTC."""
    return datetime.now(UTC)
