"""`python -m dev.prove`: attacks, faults and load for this service, with a report."""

import signal
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from dev.errors import ServerError
from dev.interruption import interrupt_once
from dev.prove.findings import Finding, Outcome, Result, SectionResults
from dev.prove.options import Options, read_options
from dev.prove.progress import Progress
from dev.prove.report import write_reports
from dev.prove.sections import SECTIONS, plan_of

PASSED, FAILED, USAGE = 0, 1, 2
WITH_GROUP = "uv run --group prove poe prove"


def main() -> None:
    """Run the command line; exit with 1 if a check failed."""
    options = read_options(sys.argv[1:])
    if missing := _missing_packages(options):
        names = ", ".join(missing)
        print(f"{names} is not installed here: run `{WITH_GROUP}`.", file=sys.stderr)
        sys.exit(USAGE)
    interrupt_once()
    results: list[SectionResults] = []
    deadline = time.monotonic() + options.minutes * 60
    try:
        for name in options.only:
            results.append(SectionResults(name))
            _run(results[-1], options, max(deadline - time.monotonic(), 0))
        code = FAILED if any(each.failed for each in results) else PASSED
    except KeyboardInterrupt:
        print("\nInterrupted: the report contains the checks that have ended.", flush=True)
        code = 128 + signal.SIGINT
    for path in write_reports(Path.cwd(), results):
        print(f"Wrote {path.name}.")
    _summarize(results)
    sys.exit(code)


def _missing_packages(options: Options) -> list[str]:
    needed = {package for name in options.only for package in SECTIONS[name].packages}
    return sorted(package for package in needed if find_spec(package) is None)


def _run(results: SectionResults, options: Options, seconds: float) -> None:
    plan = plan_of(results.name, options.only, seconds, accept=options.accept)
    with Progress(results.name) as progress:
        try:
            for result in _results(results.name, SECTIONS[results.name].run(plan)):
                results.add(result)
                progress.show(result)
            results.complete = True
        finally:
            results.seconds = progress.seconds


def _results(section: str, running: Generator[Result]) -> Iterator[Result]:
    """Yield the results of a section, and a failed check if one of its servers does not start."""
    # A generator stops what it started when it is closed.
    with closing(running):
        try:
            yield from running
        except (ServerError, OSError) as error:
            yield Finding(section, "run", "the section", Outcome.FAILED, str(error))


def _summarize(results: list[SectionResults]) -> None:
    for each in results:
        counts = ", ".join(f"{each.count(outcome)} {outcome}" for outcome in Outcome)
        unfinished = "" if each.complete else " (unfinished)"
        print(f"{each.name}: {counts} in {each.seconds:.0f} s{unfinished}")


if __name__ == "__main__":
    main()
