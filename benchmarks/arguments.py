"""The command line of the benchmark."""

import argparse

DESCRIPTION = "Render the default service and load it beside two yardsticks."


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="uvx nox -s benchmark --", description=DESCRIPTION)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is loaded (5)")
    parser.add_argument("--seconds", type=int, default=3, help="for how long each time (3)")
    parser.add_argument("--connections", type=int, nargs="+", default=[16, 64], help="(16 64)")
    parser.add_argument("--all-on", action="store_true", help="with the request log and limits")
    return parser.parse_args()
