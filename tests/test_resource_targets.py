"""The models to which refs can lead, as the source of a project describes them."""

from pathlib import Path

from dev.resource.emit import emit
from dev.resource.project import read_project
from tests.support.command_lines import KNOWN, parsed


def test_the_source_of_a_resource_tells_the_same_as_its_recipe(tmp_path: Path) -> None:
    report = parsed("report opened_by:ref:user customer:ref:customer assignee:ref:user:optional")
    for name, source in emit(report, KNOWN.targets).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)

    target = read_project(tmp_path).targets["report"]

    assert target.refs == {("users", "cascade"), ("customers", "restrict"), ("users", "null")}
    assert target == KNOWN.including(report).targets["report"]
