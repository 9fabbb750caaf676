"""The health check of a worker."""

import os
import time
from pathlib import Path

import pytest

from app.core.jobs import health


@pytest.fixture(autouse=True)
def _own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ALIVE", tmp_path / "alive")


def test_a_worker_that_has_just_reported_is_healthy() -> None:
    health.note_alive()

    health.check()


def test_the_health_check_fails_if_no_worker_has_started() -> None:
    with pytest.raises(SystemExit, match="No worker runs here"):
        health.check()


def test_a_worker_that_last_reported_a_minute_ago_is_unhealthy() -> None:
    health.note_alive()
    long_ago = time.time() - 60
    os.utime(health.ALIVE, (long_ago, long_ago))

    with pytest.raises(SystemExit, match="last reported 60 seconds ago"):
        health.check()


def test_a_folder_that_other_users_can_write_to_is_rejected(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)

    for use in (health.note_alive, health.check):
        with pytest.raises(SystemExit, match="must belong to this user alone"):
            use()


def test_a_symbolic_link_to_a_folder_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setattr(health, "ALIVE", tmp_path / "link/alive")

    with pytest.raises(SystemExit, match="must belong to this user alone"):
        health.note_alive()


def test_a_symbolic_link_to_a_file_is_not_followed(tmp_path: Path) -> None:
    health.ALIVE.symlink_to(tmp_path / "target")

    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        health.note_alive()

    assert not (tmp_path / "target").exists()
