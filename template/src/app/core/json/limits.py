"""Limits of JSON texts, checked before parsing (RFC 8259 9, CWE-400, CWE-674)."""

from array import array
from itertools import accumulate

MAX_DEPTH = 64
MAX_VALUES = 10_000

BRACKETS = b"[{]}"
OTHER_BYTES = bytes(set(range(256)) - set(BRACKETS))
# The change of the depth at each bracket, as signed bytes: 1, 1, -1, -1.
STEPS = bytes.maketrans(BRACKETS, b"\x01\x01\xff\xff")


def is_within_limits(text: bytes, max_values: int = MAX_VALUES) -> bool:
    """Return whether a JSON text has at most `MAX_DEPTH` levels and `max_values` values.

    A member of an object counts as one value, an empty array or object as two. The time is linear
    in the length of the text. The parser decides whether the text is JSON at all.
    """
    # These counts include brackets and commas in strings, but suffice for nearly every text.
    opened = _count_opened(text)
    if opened <= MAX_DEPTH and opened + text.count(b",") < max_values:
        return True
    structure = _without_strings(text, max_values)
    if structure is None or _count_opened(structure) + structure.count(b",") >= max_values:
        return False
    # If more brackets close than open, the text is not JSON, and the parser stops there.
    brackets = structure.translate(None, OTHER_BYTES)[: 2 * max_values]
    return max(accumulate(array("b", brackets.translate(STEPS))), default=0) <= MAX_DEPTH


def _count_opened(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")


def _without_strings(text: bytes, max_values: int) -> bytes | None:
    """Return the text without its strings, or None if it has too many strings."""
    # Remove escaped backslashes first: in `\\"`, the quote is not escaped and ends the string.
    unescaped = text.replace(rb"\\", b"").replace(rb"\"", b"")
    if unescaped.count(b'"') > 4 * max_values:  # two strings per member, two quotes per string
        return None
    return b"".join(unescaped.split(b'"')[::2])
