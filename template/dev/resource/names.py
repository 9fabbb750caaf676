"""Names in the forms that code and sentences need."""

from collections.abc import Iterable
from difflib import get_close_matches
from hashlib import sha256

MAX_IDENTIFIER = 63  # PostgreSQL cuts longer names
# The letters whose names begin with a vowel, and words that do not begin as they are spelt.
VOWEL_LETTERS = {*"aefhilmnorsx"}
SILENT = ("heir", "honest", "honor", "honour", "hour")
CONSONANTS = ("eu", "one", "ufo", "uni", "usa", "use", "usu", "uti")


def pascal_case(name: str) -> str:
    """Return a name such as `invoice_line` as `InvoiceLine`."""
    return "".join(part.capitalize() for part in name.split("_"))


def spaced(name: str) -> str:
    """Return a name such as `invoice_line` as `invoice line`."""
    return name.replace("_", " ")


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article, as in `an invoice`."""
    is_letter = noun.partition(" ")[0] in VOWEL_LETTERS
    is_vowel = noun[0] in "aeiou" and not noun.startswith(CONSONANTS)
    return f"an {noun}" if is_letter or is_vowel or noun.startswith(SILENT) else f"a {noun}"


def plural_of(name: str) -> str:
    """Return the plural of a name by the common rules; `--plural` states any other."""
    if name.endswith("y") and name[-2:-1] not in {*"aeiou"}:
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "z", "ch", "sh")) else f"{name}s"


def singular_of(name: str) -> str:
    """Return the singular of a plural by the common rules, as the names of filters need it."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("ses", "xes", "zes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def shortened(name: str) -> str:
    """Return a name for the database; a long one ends in a hash, so that it stays distinct."""
    if len(name) <= MAX_IDENTIFIER:
        return name
    return f"{name[: MAX_IDENTIFIER - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def nearest(word: str, words: Iterable[str]) -> str:
    """Return a sentence with the nearest of the valid words, or with all if none is near."""
    valid = sorted({*words})
    close = get_close_matches(word, valid, 1)
    if close:
        return f" Do you mean {close[0]}?"
    return f" Valid: {', '.join(valid)}." if valid else ""
