"""Pages of lists, and the cursors between them."""

import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from app.core.exceptions import ValidationError

TAG_BYTES = 18  # a multiple of three, which base64 spells in one way only

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and where the next ones start."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CountedPage(Generic[T]):
    """Some rows, and how many there are in all."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int


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

    def encode(self, last: bytes, *bound_to: object) -> str:
        """Name the last row of a page, by some JSON, in text that needs no escape in a URL."""
        last += b" " * (-len(last) % 3)
        return urlsafe_b64encode(_tag(self.keys[0], last, bound_to) + last).decode()

    def decode(self, cursor: str, *bound_to: object) -> bytes:
        """Read a cursor of ours; raise `ValidationError` for any other text."""
        try:
            raw = b64decode(cursor, altchars=b"-_", validate=True)
        except ValueError as error:
            raise cursor_error() from error
        tag, last = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not any(hmac.compare_digest(_tag(key, last, bound_to), tag) for key in self.keys):
            raise cursor_error()
        return last


def cursor_error() -> ValidationError:
    """Return the refusal of a cursor."""
    detail = "Must be a `next_cursor` of this list, in this order and with these filters."
    return ValidationError(detail, "query", "cursor")


def _tag(key: bytes, last: bytes, bound_to: Sequence[object]) -> bytes:
    named = repr((last, *map(str, bound_to))).encode()
    return hmac.digest(key, named, "sha256")[:TAG_BYTES]
