"""The progress of the command, on standard error, and the seconds of its steps."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from dev.upgrade.terminal import printable


def note(text: str, end: str = "\n") -> None:
    """Print a text with `?` for each unprintable character, and flush."""
    print(printable(text), end=end, file=sys.stderr, flush=True)


class Progress:
    """Prints a line for each step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print the name of a step, and at its end the seconds that it took."""
        began = monotonic()
        note(f"{name} ... ", end="")
        try:
            yield
        except BaseException:
            note("")
            raise
        self.seconds[name] = round(monotonic() - began, 1)
        note(f"{self.seconds[name]} s")
