"""The results as one page that needs no network and no script."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dev.prove.findings import Finding, Measurement, Outcome, SectionResults

FOLDER = Path(__file__).parent
# Lone surrogates cannot be encoded, and browsers do not show other control characters.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Bar:
    """A measurement as a bar, in parts of the largest value of its plot."""

    measurement: Measurement
    width: float
    budget: float | None

    @property
    def is_over(self) -> bool:
        """Whether the value exceeds its budget."""
        budget = self.measurement.budget
        return budget is not None and self.measurement.value > budget


@dataclass(frozen=True)
class Plot:
    """The bars of all measurements of a section with the same name and unit."""

    name: str
    unit: str
    bars: list[Bar]


def as_html(results: Sequence[SectionResults]) -> str:
    """Return the results as a self-contained page: counts, failed checks, plots, all checks."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = figure
    environment.filters["plain"] = lambda text: FORBIDDEN.sub("\ufffd", text)
    failed = [each for section in results for each in section.findings if is_failed(each)]
    return environment.get_template("page.html.j2").render(
        sections=results,
        failed=failed,
        outcomes=[*Outcome],
        style=(FOLDER / "style.css").read_text("utf-8"),
        plots=plots,
        checks=checks,
        uncovered=uncovered,
    )


def is_failed(finding: Finding) -> bool:
    """Return whether the check failed."""
    return finding.outcome is Outcome.FAILED


def uncovered(section: SectionResults) -> list[Finding]:
    """Return what a section could not check."""
    return [each for each in section.findings if each.outcome is Outcome.UNCOVERED]


def checks(section: SectionResults) -> list[tuple[str, Counter[Outcome], float, list[Finding]]]:
    """Return the name, the counts, the seconds and the findings of each check of a section."""
    ordered = sorted(section.findings, key=lambda each: each.check)
    grouped = [(name, [*found]) for name, found in groupby(ordered, lambda each: each.check)]
    return [
        (name, Counter(each.outcome for each in found), sum(each.seconds for each in found), found)
        for name, found in grouped
    ]


def plots(section: SectionResults) -> list[Plot]:
    """Return a plot for each name and unit among the measurements of a section."""
    kinds = dict.fromkeys((each.name, each.unit) for each in section.measurements)
    return [
        Plot(name, unit, _bars([m for m in section.measurements if (m.name, m.unit) == kind]))
        for kind in kinds
        for name, unit in [kind]
    ]


def figure(value: float) -> str:
    """Return a number with about three digits, such as 12,300, 12.3 or 0.0123."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004


def _bars(measurements: Sequence[Measurement]) -> list[Bar]:
    largest = max(max(each.value, each.budget or 0) for each in measurements) or 1
    return [
        Bar(each, max(each.value, 0) / largest, each.budget and each.budget / largest)
        for each in measurements
    ]
