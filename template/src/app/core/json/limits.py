"""Limits of JSON texts that hold before the text is parsed (RFC 8259 9, CWE-400, CWE-674)."""

from array import array
from itertools import accumulate

MAX_DEPTH = 64
MAX_VALUES = 10_000

BRACKETS = b"[{]}"
OTHER_BYTES = bytes(set(range(256)) - set(BRACKETS))
# What each bracket adds to the depth, as the bytes of signed numbers: 1, 1, -1, -1.
STEPS = bytes.maketrans(BRACKETS, b"\x01\x01\xff\xff")


def is_within_limits(text: bytes, max_values: int = MAX_VALUES) -> bool:
    """Return whether a JSON text has at most `MAX_DEPTH` levels and `max_values` values.

    A member of an object counts as one value, an empty array or object as two. The time is linear
    in the length of the text. Whether the text is JSON is left to the parser.
    """
    # These counts include what stands in strings, and are enough for nearly every text.
    opened = _count_opened(text)
    if opened <= MAX_DEPTH and opened + text.count(b",") < max_values:
        return True
    structure = _without_strings(text, max_values)
    if structure is None or _count_opened(structure) + structure.count(b",") >= max_values:
        return False
    # Where more brackets close than open, the text is not JSON, and the parser stops there.
    brackets = structure.translate(None, OTHER_BYTES)[: 2 * max_values]
    return max(accumulate(array("b", brackets.translate(STEPS))), default=0) <= MAX_DEPTH


def _count_opened(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")


def _without_strings(text: bytes, max_values: int) -> bytes | None:
    """Return what stands outside the strings, or none if there are too many strings."""
    # In this order: in `\\"` the backslash is escaped, and the quote ends the string.
    unescaped = text.replace(rb"\\", b"").replace(rb"\"", b"")
    if unescaped.count(b'"') > 4 * max_values:  # two strings a member, two quotes a string
        return None
    return b"".join(unescaped.split(b'"')[::2])
