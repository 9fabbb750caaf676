"""The promises that a service keeps during every fault."""

from collections.abc import Iterator
from dataclasses import dataclass

from dev.prove.client import NOT_FOUND, UNAVAILABLE, Answer, Client
from dev.prove.faults.traffic import Kept, Traffic

SERVICE = "the service"
LIVENESS, READINESS = "GET /health", "GET /ready"
SLOWEST_LIVENESS = 1.0
SLOWEST_READINESS = 3.0
CONTROLS, SLOWER = 5, 3


@dataclass(frozen=True)
class Violation:
    """A broken promise. A limit of time is reported only if it is exceeded twice."""

    subject: str
    detail: str
    limit: str = ""  # the name of a limit of time


def violations(traffic: Traffic, port: int) -> Iterator[Violation]:
    """Yield the promises that the service has broken, once for each operation."""
    yield from _once(_lost(traffic, port))
    yield from _once(_errors(traffic.answers))
    yield from _probes(traffic)


def _errors(answers: list[Answer]) -> Iterator[Violation]:
    """Yield the server errors other than 503, and each 503 without a `Retry-After`."""
    for answer in answers:
        if answer.is_wrong_error:
            yield Violation(answer.operation, f"it answered {answer.status} instead of 503")
        elif answer.status == UNAVAILABLE and "retry-after" not in answer.headers:
            yield Violation(answer.operation, "it answered 503 without `Retry-After`")


def failures(answers: list[Answer]) -> list[Answer]:
    """Return the outcomes of all requests that reached a server and failed."""
    return [each for each in answers if not each.is_success and not each.is_refused]


def _lost(traffic: Traffic, port: int) -> Iterator[Violation]:
    client = Client(port)
    for row in traffic.rows:
        if row.is_missed:
            detail = "the next request did not find an acknowledged row"
            yield Violation(row.life.create.operation, detail)
        if row.life.read and (not row.is_uncertain or row.is_deleted):
            yield from _compare(row, client.send(row.life.read, row.path))
    client.close()


def _compare(row: Kept, found: Answer) -> Iterator[Violation]:
    """Compare a row with its last acknowledged state."""
    life = row.life
    if row.is_deleted:
        if life.delete and found.status not in NOT_FOUND:
            detail = f"an acknowledged deletion was lost: {row.path} still exists"
            yield Violation(life.delete.operation, detail)
    elif not found.is_success:
        told = found.status or found.error
        detail = f"an acknowledged write was lost: {row.path} answers {told}"
        yield Violation(life.create.operation, detail)
    elif life.update and life.is_comparable and row.document and found.document != row.document:
        detail = f"an acknowledged change was lost: {row.path} differs from the answer"
        yield Violation(life.update.operation, detail)


def _probes(traffic: Traffic) -> Iterator[Violation]:
    alive = [answer for answer in traffic.health if not answer.is_refused]
    if wrong := sorted(
        {each.status or each.error for each in alive if not each.is_success}, key=str
    ):
        yield Violation(LIVENESS, f"liveness answered {wrong[0]} instead of 200")
    yield from _too_slow(LIVENESS, alive, SLOWEST_LIVENESS)
    yield from _too_slow(READINESS, traffic.ready, SLOWEST_READINESS)


def _too_slow(subject: str, answers: list[Answer], limit: float) -> Iterator[Violation]:
    """Compare with the first answers, which came before the fault: the machine may be busy."""
    usual = max((answer.seconds for answer in answers[:CONTROLS]), default=0)
    slowest = max((answer.seconds for answer in answers), default=0)
    if slowest > max(limit, SLOWER * usual):
        yield Violation(subject, f"it took {slowest:.1f} s", limit=subject)


def _once(found: Iterator[Violation]) -> Iterator[Violation]:
    """Yield the first violation of each subject."""
    seen = set[str]()
    for each in found:
        if each.subject not in seen:
            seen.add(each.subject)
            yield each
