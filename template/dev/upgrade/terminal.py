"""Output to the terminal. Much of its text comes from other programs and files."""

import io
import sys


def printable(text: str) -> str:
    """Return a text with `?` for each unprintable character, except for newlines and tabs."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "?" for sign in text)


def say(text: str, end: str = "\n") -> None:
    """Print a text with `?` for each unprintable character, and flush."""
    print(printable(text), end=end, flush=True)


def replace_unencodable() -> None:
    """Replace characters that the terminal cannot encode, in all later output."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
