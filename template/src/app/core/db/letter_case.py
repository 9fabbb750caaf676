"""Upper and lower case, whatever the locale of the database."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, collate, func

# Made by a revision: it knows the letters of every script, and sorts by code point.
COLLATION = "app_utf8"


def normalize_email(email: str) -> str:
    """Return the form that all upper and lower case spellings of an address share (CWE-178).

    Before the @ this is Unicode's default caseless match (D145), in which the Turkish letters
    I and i without and with a dot are one letter: which two of them are a pair depends on the
    language. The domain is only put into lower case, since IDNA tells ß from ss.
    """
    local, at, domain = email.rpartition("@")
    folded = unicodedata.normalize("NFD", local).casefold()
    folded = folded.replace("i\u0307", "i").replace("\u0131", "i")
    return unicodedata.normalize("NFC", folded) + at + domain.lower()


def ignoring_case(text: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Return the SQL by which texts are searched, ordered and indexed without regard to case."""
    # To upper case first: some lower-case letters, such as the two sigmas, share a capital.
    return func.lower(func.upper(collate(text, COLLATION)), type_=String())
