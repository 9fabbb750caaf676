"""The commands `tests` and `everything`: which tests they run, and the table of durations."""

import json
from collections import Counter
from itertools import chain

import pytest

import noxfile
from tests.support.processes import run
from tests.support.variants import ROOT

pytestmark = pytest.mark.renders


# Prints the marks of parts that each test has.
COLLECT = """
import json, sys
import noxfile, pytest

class Marks:
    def pytest_collection_finish(self, session):
        self.of_tests = {
            item.nodeid: [mark for mark in noxfile.PARTS.values() if item.get_closest_marker(mark)]
            for item in session.items
        }

marks = Marks()
code = pytest.main(["--collect-only", "-qq"], plugins=[marks])
print(json.dumps(marks.of_tests))
sys.exit(code)
"""


def test_no_test_has_the_marks_of_two_parts_and_every_mark_is_used() -> None:
    said = run("python", "-c", COLLECT, cwd=ROOT, PYTHONPATH=".")
    marks: dict[str, list[str]] = json.loads(said.splitlines()[-1])

    assert [test for test, parts in marks.items() if len(parts) > 1] == []
    used = Counter(chain.from_iterable(marks.values()))
    assert used.keys() == {*noxfile.PARTS.values()}
    assert used.total() < len(marks)  # `everything` runs the others


def test_the_duration_table_lists_every_part_and_the_total(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = iter([0.0, 12.4, 20.0, 60.6, 70.0, 71.0])
    monkeypatch.setattr(noxfile, "monotonic", lambda: next(moments))
    timer = noxfile.Timer()
    with timer.part("install"):
        pass
    with pytest.raises(KeyError), timer.part("renders"):
        raise KeyError
    with timer.part("install"):
        pass

    assert timer.table().splitlines() == [
        "part            seconds",
        "install              13",
        "renders              41",
        "total                54",
    ]
