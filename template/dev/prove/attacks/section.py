"""The section `attacks`: requests that an attacker, or an unlucky client, would send."""

import time
from collections.abc import Generator

from dev.prove.attacks.fuzzing import run_fuzzing
from dev.prove.attacks.running import run_checks
from dev.prove.findings import Result
from dev.prove.sections import Plan

# Fuzzing gets the rest, and what the checks leave of their part.
PART_OF_CHECKS = 0.75


def run(plan: Plan) -> Generator[Result]:
    """Run all checks in the application, then fuzz the started service in the time that is left."""
    began = time.monotonic()
    yield from run_checks(began + plan.seconds * PART_OF_CHECKS)
    yield from run_fuzzing(began + plan.seconds)
