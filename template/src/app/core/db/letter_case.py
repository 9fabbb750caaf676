"""Upper and lower case, independent of the locale of the database."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, collate, func

# A migration creates this collation. It supports the letters of all scripts, and sorts by code
# point.
COLLATION = "app_utf8"


def normalize_email(email: str) -> str:
    """Return the same text for all spellings of an address in upper and lower case (CWE-178).

    The part before the @ follows Unicode's canonical caseless match (D145). In addition, I and i
    count as one letter with and without a dot, because Turkish pairs them differently. The domain
    is only converted to lower case, because IDNA distinguishes ß from ss.
    """
    local, at, domain = email.rpartition("@")
    folded = unicodedata.normalize("NFD", local).casefold()
    folded = folded.replace("i\u0307", "i").replace("\u0131", "i")
    return unicodedata.normalize("NFC", folded) + at + domain.lower()


def ignoring_case(text: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Return the SQL expression for case-insensitive searches, sorting and indexes."""
    # Upper case comes first, because some letters, such as both Greek sigmas, share a capital.
    return func.lower(func.upper(collate(text, COLLATION)), type_=String())
