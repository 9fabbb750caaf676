"""Fuzzes the project in the current folder with `dev.prove`, and prints the findings as JSON.

The arguments are a configuration of schemathesis and the number of examples.
"""

import json
import sys
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

LONGEST_RUN = 900  # in seconds


def main() -> None:
    """Fuzz the project."""
    configuration, examples = sys.argv[1:]
    deadline = time.monotonic() + LONGEST_RUN
    # mypy does not find the types of the project here.
    fuzzing = import_module("dev.prove.attacks.fuzzing")
    found = fuzzing.run_fuzzing(deadline, Path(configuration), int(examples))
    print(json.dumps([asdict(finding) for finding in found]))  # noqa: T201 - to the test


if __name__ == "__main__":
    main()
