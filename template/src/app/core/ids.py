"""Identifiers."""

import secrets
import time
from uuid import UUID

VERSION_7 = 0x7 << 76
VARIANT = 0b10 << 62
RANDOM_BITS = (0xFFF << 64) | ((1 << 62) - 1)


def uuid7() -> UUID:
    """Make a UUID that sorts by the millisecond it was made in (RFC 9562 5.7).

    Python has its own from 3.14 on.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(128) & RANDOM_BITS
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | VERSION_7 | VARIANT | random)
