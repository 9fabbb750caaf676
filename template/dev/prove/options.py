"""The command line of `poe prove`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from dev.prove.sections import SECTIONS

DESCRIPTION = """\
Attack the service, break its servers and measure it, with requests that tests/access describes.
Nothing outside of temporary databases is changed. The report is prove-report.html, with the same
results in prove-report.json and prove-report-junit.xml.
"""
MINUTES = 10.0
LONGEST = 24 * 60.0


@dataclass(frozen=True)
class Options:
    """The chosen sections, the minutes for all of them, and whether to accept the measurements."""

    only: tuple[str, ...] = tuple(SECTIONS)
    minutes: float = MINUTES
    accept: bool = False


def read_options(arguments: Sequence[str]) -> Options:
    """Return the options; exit with code 2 and a message if an argument is wrong."""
    parser = argparse.ArgumentParser(
        prog="poe prove",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=[*SECTIONS],
        help="run this section; repeat the option for several sections",
    )
    parser.add_argument(
        "--minutes", type=_minutes, default=MINUTES, help="the time for all sections (10)"
    )
    parser.add_argument(
        "--accept", action="store_true", help="write the measured values to prove.toml as budgets"
    )
    given = parser.parse_args(arguments)
    chosen = tuple(name for name in SECTIONS if not given.only or name in given.only)
    return Options(chosen, given.minutes, given.accept)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0
    if not 0 < minutes <= LONGEST:
        raise argparse.ArgumentTypeError(f"{text} is not a number of minutes up to {LONGEST:.0f}")
    return minutes
