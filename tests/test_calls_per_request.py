"""No change makes a request take more calls unnoticed."""

from calls import COUNT, FIGURES, differences, read
from tests.support.services import Install

FOUR = {"create", "health", "list", "me"}


def test_a_request_takes_as_many_calls_as_committed(install: Install) -> None:
    counted = read(install().run("python", "-m", "dev", *COUNT))

    assert counted.keys() == FOUR
    assert differences(counted, read(FIGURES.read_text())) == []


def test_more_and_fewer_calls_than_committed_are_found() -> None:
    figures = {"health": 1000, "me": 1000, "list": 1000, "create": 1000}
    counted = {"health": 1030, "me": 970, "list": 1031, "create": 969}

    more, fewer = differences(counted, figures)

    assert "list takes 1031 calls, and 1000 before (+3.1%)" in more
    assert "create takes 969 calls, and 1000 before (-3.1%)" in fewer
