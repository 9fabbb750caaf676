"""The results of a load, and checks of them."""

from collections import Counter

from tests.support.load import Answer, Load


def tell(what: str, load: Load, **seconds: float) -> None:
    """Print the results of a load."""
    statuses = Counter(answer.status or answer.error for answer in load.answers)
    slowest = max(answer.seconds for answer in load.answers)
    seconds |= {"slowest": slowest, "health": max(answer.seconds for answer in load.health)}
    told = ", ".join(f"{name} {figure:.2f} s" for name, figure in seconds.items())
    print(f"\n{what}: {len(load.answers)} requests, {dict(statuses)}; {told}")  # noqa: T201


def check_all(load: Load) -> None:
    """Check that no acknowledged item is lost, that errors are 503, and that probes are fast."""
    assert load.acknowledged
    assert load.acknowledged - load.kept() == set()
    refused = [answer for answer in load.answers if answer.status not in {0, 200, 201}]
    assert {answer.status for answer in refused} <= {503}
    assert [answer for answer in refused if "retry-after" not in answer.headers] == []
    alive = [answer for answer in load.health if not answer.is_refused]
    assert {answer.status for answer in alive} == {200}
    assert max(answer.seconds for answer in alive) <= 1
    assert max(answer.seconds for answer in load.ready) <= 3


def failures(answers: list[Answer]) -> list[Answer]:
    """Return the outcomes of all requests that reached a server and failed."""
    return [each for each in answers if each.status not in {200, 201} and not each.is_refused]


def seconds_until(answers: list[Answer], since: float, *, good: bool) -> float:
    """Return the seconds from a moment to the end of the first success, or of the first failure."""
    return next(
        answer.ended - since
        for answer in sorted(answers, key=lambda answer: answer.ended)
        if answer.began > since and (answer.status in {200, 201}) is good
    )


def p95_of(answers: list[Answer]) -> float:
    """Return the 95th percentile of the response times."""
    return sorted(answer.seconds for answer in answers)[int(len(answers) * 0.95)]


def check_recovery(what: str, load: Load, lost: float, back: float) -> None:
    """Print the results; check that requests failed only with 503 and that recovery was fast."""
    seconds = {
        "unready": seconds_until(load.ready, lost, good=False),
        "first": seconds_until(load.answers, back, good=True),
        "clean": max(0, *(answer.ended - back for answer in failures(load.answers))),
        "ready": seconds_until(load.ready, back, good=True),
    }
    tell(what, load, **seconds)
    check_all(load)
    assert {answer.status for answer in failures(load.answers)} == {503}
    assert seconds.pop("unready") <= 5
    assert max(seconds.values()) <= 15
