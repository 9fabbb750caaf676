"""The section `attacks`: requests that an attacker, or an unlucky client, would send."""

from collections.abc import Generator

from dev.prove.findings import Result
from dev.prove.sections import Plan


def run(plan: Plan) -> Generator[Result]:
    """Run all attacks, in parallel on two processes; yield their findings as they come."""
    yield from ()
