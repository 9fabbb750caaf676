"""The command line and the reports of `poe prove`, without a service."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dev.errors import ServerError
from dev.prove.findings import Finding, Measurement, Outcome, SectionResults
from dev.prove.load.budgets import read_budgets
from dev.prove.options import Options, read_options
from dev.prove.report import write_reports
from dev.prove.sections import SECTIONS, plan_of
from tests.support.variants import ROOT

HOSTILE = "</td><script>alert(1)</script> & ' \" \x00 \ud800"


def results() -> list[SectionResults]:
    attacks = SectionResults("attacks", seconds=12, complete=True)
    attacks.add(Finding("attacks", "race", "GET /items", Outcome.PASSED, seconds=0.5))
    attacks.add(Finding("attacks", "race", "POST /items", Outcome.FAILED, f"lost\n{HOSTILE}"))
    attacks.add(Finding("attacks", HOSTILE, HOSTILE, Outcome.UNCOVERED, "no row"))
    load = SectionResults("load", seconds=30)
    load.add(Measurement("load", "GET /items", "p99", 12.5, "ms", budget=10))
    load.add(Measurement("load", HOSTILE, "p99", 0, "ms"))
    return [attacks, load]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Return a folder with the reports."""
    write_reports(tmp_path, results())
    return tmp_path


def test_the_page_escapes_what_services_return_and_needs_no_network(reports: Path) -> None:
    page = (reports / "prove-report.html").read_text("utf-8")

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not {"\x00", "\ud800"} & {*page}
    assert not [address for address in ("http:", "https:", "src=", "url(") if address in page]


def test_the_page_shows_counts_failures_and_measurements(reports: Path) -> None:
    page = (reports / "prove-report.html").read_text("utf-8")

    assert "1 check failed." in page
    assert page.index("POST /items") < page.index("GET /items")
    assert '<rect class="over" width="100.00"' in page
    assert '<rect class="budget" x="80.00"' in page
    assert "(unfinished)" in page


def test_junit_contains_a_case_for_each_finding(reports: Path) -> None:
    root = ET.parse(reports / "prove-report-junit.xml").getroot()  # noqa: S314 - our own

    assert [(suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("3", "1"),
        ("0", "0"),
    ]
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]


def test_json_contains_all_results(reports: Path) -> None:
    sections = json.loads((reports / "prove-report.json").read_text("utf-8"))["sections"]

    assert [section["name"] for section in sections] == ["attacks", "load"]
    assert sections[0]["findings"][0]["outcome"] == "passed"
    assert sections[1]["measurements"][0]["budget"] == 10


def test_a_finding_is_one_line() -> None:
    assert results()[0].findings[1].line == "attacks: POST /items: race: lost"


def test_options_select_sections_and_time() -> None:
    assert read_options([]) == Options(tuple(SECTIONS), 10, accept=False)
    chosen = read_options(["--only", "faults", "--only", "attacks", "--minutes", "3", "--accept"])
    assert chosen == Options(("attacks", "faults"), 3, accept=True)


def test_the_chosen_sections_divide_the_time_that_is_left() -> None:
    chosen = tuple(SECTIONS)
    alone = plan_of("attacks", ("attacks",), 180, accept=False)

    assert alone.seconds == 180
    assert plan_of("attacks", chosen, 600, accept=False).seconds == pytest.approx(300)
    assert plan_of("faults", chosen, 500, accept=False).seconds == pytest.approx(300)
    assert plan_of("load", chosen, 500, accept=False).seconds == pytest.approx(500)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "luck"], "invalid choice: 'luck'"),
        (["--minutes", "0"], "0 is not a number of minutes up to 1440"),
        (["--minutes", "soon"], "soon is not a number of minutes up to 1440"),
        (["--minutes", "nan"], "nan is not a number of minutes up to 1440"),
        (["everything"], "unrecognized arguments: everything"),
    ],
)
def test_wrong_arguments_exit_with_code_2_and_a_message(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        read_options(arguments)

    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("text", ["[load", "x = 1", "load = 1", '[load]\nlimit = "high"', "\udc80"])
def test_an_invalid_file_of_budgets_is_named_with_the_command(tmp_path: Path, text: str) -> None:
    (tmp_path / "prove.toml").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ServerError, match=r"^prove\.toml is not valid \(.*`uv run .* --accept`\.$"):
        read_budgets(tmp_path)


def test_a_missing_group_is_named_with_the_command() -> None:
    code = """
import sys, importlib.util as util
find = util.find_spec
util.find_spec = lambda name: None if name == "schemathesis" else find(name)
sys.argv = ["poe prove", "--only", "attacks"]
from dev.prove.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "template",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == (
        "schemathesis is not installed here: run `uv run --group prove poe prove`.\n"
    )
