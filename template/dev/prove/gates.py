"""The sections `contract` and `migrations`, which run the gates of the same names."""

import re
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec

from dev.prove.findings import Finding, Outcome, Result
from dev.prove.sections import Plan

MARKS = ("breaking: ", "unsafe: ")
NAMED = re.compile(
    r"(?:breaking|unsafe): (?P<subject>[A-Z]+ /\S*|[^\s:]+\.py(?::\d+)?): (?P<detail>.+)"
)


def run_contract(_plan: Plan) -> Generator[Result]:
    """Compare the API with `openapi.json` and with the base branch."""
    yield from _gate("contract", "dev.contract")


def run_migrations(_plan: Plan) -> Generator[Result]:
    """Check new revisions, and run the previous release's tests against the new schema."""
    yield from _gate("migrations", "dev.revisions")
    yield from _gate("migrations", "dev.rehearse")


def _gate(section: str, module: str) -> Generator[Finding]:
    """Run a gate, and yield its findings."""
    name = module.rpartition(".")[2]
    if find_spec(module) is None:
        why = f"the project has no {module.replace('.', '/')}"
        yield Finding(section, name, "the project", Outcome.UNCOVERED, why)
        return
    began = time.monotonic()
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    said = [line for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
    if done.returncode == 0:
        yield Finding(section, name, "the project", Outcome.PASSED, "\n".join(said), seconds)
    else:
        lines = said or [f"exit code {done.returncode}"]
        yield from read_failures(
            Finding(section, name, "the project", Outcome.FAILED, "", seconds), lines
        )


def read_failures(gate: Finding, said: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each operation or file that a failed gate names, and one for the rest."""
    named = [match for line in said if (match := NAMED.fullmatch(line))]
    for match in named:
        yield replace(gate, subject=match["subject"], detail=match["detail"])
    rest = [line for line in said if not NAMED.fullmatch(line)]
    if rest:
        # The first line is printed.
        rest.sort(key=lambda line: not line.startswith(MARKS))
        yield replace(gate, detail="\n".join(rest))
