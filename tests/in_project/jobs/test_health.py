"""Whether the workers live."""

import os
import time
from pathlib import Path

import pytest

from app.core.jobs import health


@pytest.fixture(autouse=True)
def _own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ALIVE", tmp_path / "alive")


def test_a_worker_lives_that_was_just_heard_of() -> None:
    health.note_alive()

    health.check()


def test_no_worker_lives_where_none_has_begun() -> None:
    with pytest.raises(SystemExit, match="No worker runs here"):
        health.check()


def test_a_worker_that_is_silent_for_long_does_not_live() -> None:
    health.note_alive()
    long_ago = time.time() - 60
    os.utime(health.ALIVE, (long_ago, long_ago))

    with pytest.raises(SystemExit, match="last reported 60 seconds ago"):
        health.check()


def test_a_folder_that_others_can_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)

    for use in (health.note_alive, health.check):
        with pytest.raises(SystemExit, match="must belong to this user alone"):
            use()


def test_a_link_to_a_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.setattr(health, "ALIVE", tmp_path / "link/alive")

    with pytest.raises(SystemExit, match="must belong to this user alone"):
        health.note_alive()


def test_a_link_to_a_file_is_not_followed(tmp_path: Path) -> None:
    health.ALIVE.symlink_to(tmp_path / "target")

    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        health.note_alive()

    assert not (tmp_path / "target").exists()
