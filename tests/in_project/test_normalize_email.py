"""The normal form of e-mail addresses."""

import sys
import unicodedata

from app.core.db.letter_case import normalize_email


def test_email_normalization_is_idempotent_and_case_insensitive() -> None:
    """ENU-05. Validation rejects unassigned characters, which a later Unicode may assign."""
    changed = (str.upper, str.lower, str.title, str.swapcase, str.casefold)
    for letter in filter(str.isalpha, map(chr, range(sys.maxunicode + 1))):
        for part in {letter, f"a{letter}b", unicodedata.normalize("NFD", letter)}:
            normalized = normalize_email(f"{part}@example.com")
            assert normalize_email(normalized) == normalized
            assert {normalize_email(f"{change(part)}@example.com") for change in changed} == {
                normalized
            }, part
