"""The number of workers of the server."""

import os
from pathlib import Path

import pytest

from app.core.serving.concurrency import default_workers, workers


@pytest.mark.parametrize(("chosen", "number"), [("3", 3), ("", default_workers())])
def test_the_number_of_workers_is_configurable(chosen: str, number: int) -> None:
    assert workers({"WEB_CONCURRENCY": chosen}) == number


@pytest.mark.parametrize("chosen", ["0", "-1", "two", "1.5"])
def test_an_invalid_number_of_workers_causes_a_one_line_error(chosen: str) -> None:
    with pytest.raises(SystemExit, match="WEB_CONCURRENCY must be a number of processes"):
        workers({"WEB_CONCURRENCY": chosen})


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "max 100000"}, 8),
        ({"cpu.max": "400000 100000"}, 4),
        ({"cpu.max": "150000 100000"}, 1),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "1600000 100000"}, 8),
        ({"cpu.max": ""}, 8),
        ({}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, 3),
        ({"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000"}, 8),
    ],
)
def test_the_default_number_of_workers_matches_the_cores_of_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], cores: int
) -> None:
    """The limits are those of cgroups, in version 1 or 2."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{content}\n")

    assert default_workers(tmp_path) == cores
