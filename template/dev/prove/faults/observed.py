"""The results of a fault: the seconds of the recovery, and the promises that it broke."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dev.prove.client import UNAVAILABLE, Answer
from dev.prove.faults.invariants import READINESS, SERVICE, Violation
from dev.prove.faults.traffic import Traffic

BEFORE_SECONDS = 1.0
OUTAGE_SECONDS = 3.0
AFTER_SECONDS = 2.0
LONGEST_RECOVERY = 15.0
LONGEST_UNREADY = 5.0
LONGEST_WITHOUT_CACHE = 0.5
SLOWER_WITHOUT_CACHE = 3
TORN_SECONDS = 2.0


@dataclass
class Observed:
    """The result of a fault: seconds by name, and the promises that only this fault concerns."""

    seconds: dict[str, float] = field(default_factory=dict)
    broken: list[Violation] = field(default_factory=list)

    def require(self, detail: str, *, holds: bool, subject: str = SERVICE, limit: str = "") -> None:
        """Note a promise of the service, or of one operation, if it is broken."""
        if not holds:
            self.broken.append(Violation(subject, detail, limit))

    def require_within(self, name: str, limit: float, subject: str = SERVICE) -> None:
        """Note that something took too long."""
        took = self.seconds[name]
        detail = f"{name} took {took:.1f} s, and may take {limit:.1f} s"
        self.require(detail, holds=took <= limit, subject=subject, limit=name)

    def forbid(self, answers: list[Answer], what: str) -> None:
        """Note each operation that failed. An overloaded machine answers 503, but not each time."""
        answers = sorted(answers, key=lambda each: each.status != UNAVAILABLE)
        for operation, told in {a.operation: a.status or a.error for a in answers}.items():
            limit = "the wait of requests" if told == UNAVAILABLE else ""
            self.broken.append(Violation(operation, f"it failed with {told} {what}", limit))


def first_answer(answers: list[Answer], since: float, *, good: bool) -> Iterator[float]:
    """Yield the seconds from a moment to each success, or to each failure."""
    for answer in sorted(answers, key=lambda each: each.ended):
        if answer.began > since and answer.is_success is good:
            yield answer.ended - since


def require_unready(seen: Observed, traffic: Traffic, since: float, limit: float) -> None:
    """Note if readiness did not fail, or not soon enough after a moment."""
    seconds = next(first_answer(traffic.ready, since, good=False), None)
    detail = "it answered 200 throughout"
    seen.require(detail, holds=seconds is not None, subject=READINESS)
    if seconds is not None:
        seen.seconds["unreadiness"] = seconds
        seen.require_within("unreadiness", limit, READINESS)
