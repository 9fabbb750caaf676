"""Rejects common passwords (NIST SP 800-63B-4 3.1.1.2, ASVS 6.2.4, 6.2.11).

Few common passwords have the minimum length, but many long passwords are a common password with
padding or repetition. The check therefore removes padding and repetition, then looks up the rest.
"""

import string
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from itertools import pairwise
from typing import Self

# Passwords that operators tend to choose and that the list lacks.
MORE_WORDS = ("administrator", "changethis", "root", "service", "thisismypassword", "user")
PADDING = string.digits + string.punctuation + string.whitespace
# Longer padding may be hard to guess on its own.
MAX_PADDING = 12
SHORTEST_BLOCK = 4
# Longer keyboard walks are accepted, because no word list contains them.
LONGEST_WALK = 63
# The rows and columns of English, German, French and Russian keyboards.
KEYS = (
    "01234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn "
    "1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik, 9ol. 1q2w3e4r5t6y7u8i9o0p !@#$%^&*()_+ "
    "йцукенгшщзхъ фывапролджэ ячсмитьбю"
)
_LIST = files("app.core.auth").joinpath("common_passwords.txt")
# Read at import, before gunicorn forks, so that its workers share the 3 MB.
COMMON = frozenset((*_LIST.read_text("ascii").split(), *MORE_WORDS))
STEPS = {step for keys in (KEYS, KEYS[::-1]) for step in pairwise(keys) if " " not in step}


class Blocklist:
    """Rejects common passwords and the names of this service."""

    def __init__(self, *words: Iterable[str]) -> None:
        self._words = words

    @classmethod
    def read(cls, *names: str) -> Self:
        """Return a blocklist of common passwords and of `names`, the names of the service."""
        return cls(COMMON, _variants(names))

    def refuses(self, password: str, about: Iterable[str]) -> bool:
        """Return whether `password` is common, or is in `about`, the texts about the user.

        Padding and repetition are ignored.
        """
        text = _canonical(password)
        block = _block(text)
        core = block.strip(PADDING)
        if len(block) < SHORTEST_BLOCK or _is_walk(text) or self._has({text, block}):
            return True
        if not core:
            return block != text and _is_padding(block)
        before, _, after = block.partition(core)
        return _is_padding(before + after) and self._knows(core, about)

    def _knows(self, core: str, about: Iterable[str]) -> bool:
        left = {core, _block(core), _letters(core)}
        return self._has(left) or not left.isdisjoint(_variants(about))

    def _has(self, texts: set[str]) -> bool:
        return not all(texts.isdisjoint(words) for words in self._words)


def _variants(names: Iterable[str]) -> set[str]:
    """Return the names and their parts before the @, also without padding and punctuation."""
    texts = {_canonical(name) for name in names}
    texts |= {text.partition("@")[0] for text in texts}
    texts |= {text.strip(PADDING) for text in texts}
    return (texts | {_letters(text) for text in texts}) - {""}


def _canonical(text: str) -> str:
    """Return the text in lower case, with one form of each letter (NFKC)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _block(text: str) -> str:
    """Return the shortest prefix that yields `text` if repeated; the last copy may be cut off."""
    lengths = range(1, len(text) * 2 // 3 + 1)
    return next((text[:each] for each in lengths if text.startswith(text[each:])), text)


def _is_padding(text: str) -> bool:
    return len(text) <= MAX_PADDING or _is_walk(text)


def _is_walk(text: str) -> bool:
    """Return whether most characters repeat, or are neighbors of, the character before them."""
    if len(text) > LONGEST_WALK:
        return False
    turns = sum(not _is_step(before, after) for before, after in pairwise(text))
    return turns * 4 < len(text)


def _is_step(before: str, after: str) -> bool:
    return abs(ord(before) - ord(after)) <= 1 or (before, after) in STEPS
