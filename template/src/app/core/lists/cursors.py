"""Pages of lists, and the cursors between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from app.core.exceptions import ValidationError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of rows, and the cursor of the next page."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CountedPage(Generic[T]):
    """A page of rows, and the total number of rows."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True, slots=True, repr=False)
class Cursors:
    """Encodes the position at which a page ends as a signed cursor.

    A client cannot change a cursor or use it for another list: it is bound to the owner, the order
    and the filters. The first key signs; signatures by any of the keys are accepted.
    """

    secret_keys: Sequence[str]

    def encode(self, last: bytes, *bound_to: object) -> str:
        """Return a cursor for the position `last`, as text that needs no escaping in a URL."""
        return self._signer(bound_to).sign(base64_encode(last)).decode()

    def decode(self, cursor: str, *bound_to: object) -> bytes:
        """Return the position in a cursor; raise `ValidationError` if the signature is wrong."""
        try:
            position = base64_decode(self._signer(bound_to).unsign(cursor))
            signature = cursor.rpartition(".")[2]
            # `unsign` also accepts other encodings of the same signature.
            if base64_encode(base64_decode(signature)).decode() == signature:
                return position
        except (BadData, UnicodeEncodeError):
            pass
        raise cursor_error()

    def _signer(self, bound_to: Sequence[object]) -> Signer:
        return Signer(
            [*reversed(self.secret_keys)],  # `Signer` signs with the last key
            salt=repr(("cursors", *map(str, bound_to))),
            key_derivation="hmac",
            digest_method=sha256,
        )


def cursor_error() -> ValidationError:
    """Return the error that tells a client to start again at the first page."""
    detail = "The cursor is invalid for this list, order or filters. Start again without `cursor`."
    return ValidationError(detail, "query", "cursor")
