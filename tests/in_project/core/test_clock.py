"""The clock."""

from datetime import UTC, datetime, timedelta

from app.core.clock import utc_now


def test_the_current_time_is_timezone_aware_and_in_utc() -> None:
    before = datetime.now(UTC)

    now = utc_now()

    assert now.utcoffset() == timedelta(0)
    assert before <= now <= datetime.now(UTC)
