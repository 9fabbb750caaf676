"""The reports of `poe prove`, which all contain the same results."""

from collections.abc import Callable, Sequence
from pathlib import Path

from dev.prove.findings import SectionResults
from dev.prove.report.as_html import as_html
from dev.prove.report.as_json import as_json
from dev.prove.report.as_junit import as_junit

Write = Callable[[Sequence[SectionResults]], str]
REPORTS: dict[str, Write] = {
    "prove-report.html": as_html,
    "prove-report.json": as_json,
    "prove-report-junit.xml": as_junit,
}


def write_reports(folder: Path, results: Sequence[SectionResults]) -> list[Path]:
    """Write the reports, and return their paths."""
    paths = []
    for name, write in REPORTS.items():
        path = folder / name
        path.write_text(write(results), "utf-8")
        paths.append(path)
    return paths
