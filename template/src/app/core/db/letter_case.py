"""Upper and lower case, independent of the locale of the database."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, collate, func

# A migration creates this collation. It supports the letters of all scripts, and sorts by code
# point.
COLLATION = "app_utf8"


def normalize_email(email: str) -> str:
    """Return the form that all upper and lower case variants of an address share (CWE-178).

    The part before the @ follows Unicode's default caseless match (D145). In addition, the Turkish
    letters I and i with and without a dot count as one letter, because languages differ in how they
    pair them. The domain is only converted to lower case, because IDNA distinguishes ß from ss.
    """
    local, at, domain = email.rpartition("@")
    folded = unicodedata.normalize("NFD", local).casefold()
    folded = folded.replace("i\u0307", "i").replace("\u0131", "i")
    return unicodedata.normalize("NFC", folded) + at + domain.lower()


def ignoring_case(text: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Return the SQL expression by which texts are searched, sorted and indexed without case."""
    # To upper case first: some lower-case letters, such as the two sigmas, share a capital letter.
    return func.lower(func.upper(collate(text, COLLATION)), type_=String())
