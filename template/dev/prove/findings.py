"""The results of `poe prove`: findings, and measurements with their budgets."""

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a check."""

    PASSED = "passed"
    FAILED = "failed"
    UNCOVERED = "uncovered"  # the check could not run for this subject; the detail says why


@dataclass(frozen=True)
class Finding:
    """The outcome of one check for one subject, which is an operation or a part of the service."""

    section: str
    check: str
    subject: str
    outcome: Outcome
    detail: str = ""
    seconds: float = 0

    @property
    def line(self) -> str:
        """The finding in one line, for the terminal."""
        detail = self.detail.partition("\n")[0]
        parts = (self.section, self.subject, self.check, detail)
        return ": ".join(part for part in parts if part)


@dataclass(frozen=True)
class Measurement:
    """A measured value. A budget is the highest value that passes."""

    section: str
    subject: str
    name: str
    value: float
    unit: str = ""
    budget: float | None = None


Result = Finding | Measurement


@dataclass
class SectionResults:
    """The results of a section, in the order in which they came."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    seconds: float = 0
    complete: bool = False

    def add(self, result: Result) -> None:
        """Add a finding or a measurement."""
        if isinstance(result, Finding):
            self.findings.append(result)
        else:
            self.measurements.append(result)

    def count(self, outcome: Outcome) -> int:
        """Return the number of findings with an outcome."""
        return sum(finding.outcome is outcome for finding in self.findings)

    @property
    def failed(self) -> bool:
        """Whether a check failed."""
        return self.count(Outcome.FAILED) > 0
