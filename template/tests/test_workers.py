"""How many workers the server has."""

import os
from pathlib import Path

import pytest

from app.server import default_workers, workers


@pytest.mark.parametrize(("chosen", "number"), [("3", 3), ("", default_workers())])
def test_how_many_workers_there_are_can_be_said(chosen: str, number: int) -> None:
    assert workers({"WEB_CONCURRENCY": chosen}) == number


@pytest.mark.parametrize("chosen", ["0", "-1", "two", "1.5"])
def test_a_number_of_workers_that_is_none_is_refused_in_one_line(chosen: str) -> None:
    with pytest.raises(SystemExit, match="WEB_CONCURRENCY must be a number of processes"):
        workers({"WEB_CONCURRENCY": chosen})


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000", 8),
        ("400000 100000", 4),
        ("150000 100000", 1),
        ("50000 100000", 1),
        ("1600000 100000", 8),
        ("", 8),
        (None, 8),
    ],
)
def test_there_are_as_many_workers_as_the_container_has_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str | None, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    if quota is not None:
        (tmp_path / "cpu.max").write_text(f"{quota}\n")

    assert default_workers(tmp_path / "cpu.max") == cores
