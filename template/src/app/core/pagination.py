"""Keyset pages, and the cursors between them."""

import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar
from uuid import UUID

from app.core.exceptions import ValidationError

ID_BYTES = 16
TAG_BYTES = 14  # with the id a multiple of three, which base64 spells in one way only

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and where the next ones start."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Cursors:
    """Names the last row of a page so that nobody can change the name, or use another's.

    It is bound to what the list was of, such as its owner; former keys are still read.
    """

    keys: Sequence[bytes]

    @classmethod
    def create(cls, secret_keys: Sequence[str]) -> Self:
        """Derive keys of its own, since a key should serve one purpose."""
        return cls([hmac.digest(key.encode(), b"cursors", "sha256") for key in secret_keys])

    def encode(self, last: UUID, *bound_to: object) -> str:
        """Name the last row of a page in 40 characters that need no escape in a URL."""
        return urlsafe_b64encode(last.bytes + _tag(self.keys[0], last, bound_to)).decode()

    def decode(self, cursor: str, *bound_to: object) -> UUID:
        """Read a cursor of ours; raise `ValidationError` for any other text."""
        try:
            raw = b64decode(cursor, altchars=b"-_", validate=True)
            last, tag = UUID(bytes=raw[:ID_BYTES]), raw[ID_BYTES:]
        except ValueError as error:
            raise _refused() from error
        if not any(hmac.compare_digest(_tag(key, last, bound_to), tag) for key in self.keys):
            raise _refused()
        return last


def _tag(key: bytes, last: UUID, bound_to: Sequence[object]) -> bytes:
    named = repr((last.hex, *map(str, bound_to))).encode()
    return hmac.digest(key, named, "sha256")[:TAG_BYTES]


def _refused() -> ValidationError:
    return ValidationError("The cursor is not one that this list gave.", "query", "cursor")
