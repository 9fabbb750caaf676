"""Keyset pages, and the cursors between them."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from app.core.exceptions import ValidationError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and where the next ones start."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(last: UUID) -> str:
    """Name the last row of a page, opaquely."""
    return urlsafe_b64encode(last.bytes).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """Read a cursor of ours; raise `ValidationError` for any other text."""
    try:
        return UUID(bytes=b64decode(f"{cursor}==", altchars=b"-_", validate=True))
    except ValueError as error:
        detail = "The cursor is not one that this service gave."
        raise ValidationError(detail, "query", "cursor") from error
