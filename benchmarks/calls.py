"""Compare the calls that a request takes with the figures in calls.json, or rewrite these."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from demo import environment, install, step
from folder import ROOT, open_folder, render

FOLDER = ROOT / ".demo" / "calls"
FIGURES = Path(__file__).with_name("calls.json")
TOLERANCE = 0.03
COUNT = ["sh", "-ec", 'app migrate; exec python "$0"', str(FIGURES.with_name("count_calls.py"))]
WRITE = "uvx nox -s benchmark-calls -- --write"

Calls = dict[str, int]


def main() -> int:
    """Print the calls of each kind of request; return 1 if some differ from the figures."""
    parser = argparse.ArgumentParser(prog="uvx nox -s benchmark-calls --", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"rewrite {FIGURES.name}")
    arguments = parser.parse_args()
    with open_folder(FOLDER):
        with step("Rendering and installing the default service"):
            render(FOLDER)
            install(FOLDER)
        with step("Counting"):
            counted = read(count(FOLDER))
    if arguments.write:
        FIGURES.write_text(json.dumps(counted, indent=4) + "\n")
    print(json.dumps(counted, indent=4))
    print(*(found := differences(counted, read(FIGURES.read_text()))), sep="\n")
    return int(bool(found))


def count(folder: Path) -> str:
    """Return the output of the count in an installed service."""
    python = str(folder / ".venv/bin/python")
    return subprocess.check_output(
        [python, "-m", "dev", *COUNT], cwd=folder, env=environment(folder), text=True
    )


def read(output: str) -> Calls:
    """Return the calls of each kind of request from the end of the output of a count."""
    return dict(json.loads(output[output.rindex("{") :]))


def differences(counted: Calls, figures: Calls) -> list[str]:
    """Return a sentence for each kind of request whose calls differ from its figure."""
    return [
        f"A request of {name} takes {counted[name]} calls, and {figure} before "
        f"({counted[name] / figure - 1:+.1%}): find the change, or accept it with `{WRITE}`."
        for name, figure in figures.items()
        if abs(counted[name] - figure) > TOLERANCE * figure
    ]


if __name__ == "__main__":
    sys.exit(main())
