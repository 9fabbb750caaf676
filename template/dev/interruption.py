"""Ctrl-C and SIGTERM, which end a command in the same way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM)


def interrupt_once() -> None:
    """Let the first of the signals raise `KeyboardInterrupt`, and ignore all further ones.

    `uv run` sends another signal after Ctrl-C.
    """
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)


@contextmanager
def without_interruption() -> Iterator[None]:
    """Delay the signals until the end of the context, also for programs that start in it."""
    delayed: list[int] = []
    handlers = [signal.signal(each, lambda number, _: delayed.append(number)) for each in ENDINGS]
    try:
        yield
    finally:
        for ending, handler in zip(ENDINGS, handlers, strict=True):
            signal.signal(ending, handler)
        for number in delayed[:1]:
            signal.raise_signal(number)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt
