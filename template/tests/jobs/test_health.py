"""Whether a worker lives."""

import os
import time
from pathlib import Path

import pytest

from app.jobs import health


@pytest.fixture(autouse=True)
def _own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ALIVE", tmp_path / "alive")


def test_a_worker_lives_that_was_just_heard_of() -> None:
    health.note_alive()

    health.check()


def test_no_worker_lives_where_none_has_begun() -> None:
    with pytest.raises(SystemExit, match="No worker has begun here"):
        health.check()


def test_a_worker_that_is_silent_for_long_does_not_live() -> None:
    health.note_alive()
    long_ago = time.time() - 60
    os.utime(health.ALIVE, (long_ago, long_ago))

    with pytest.raises(SystemExit, match="last heard of 60 seconds ago"):
        health.check()
