"""Random secrets that are handed out once, and kept as hashes only (ASVS 6.5.2, 11.5.1)."""

import secrets
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Self

FAMILY_BYTES = 16
SECRET_BYTES = 32
CODE_BYTES = 24


@dataclass(frozen=True, slots=True, repr=False)
class RefreshToken:
    """A part that stays as long as the session does, and one that each use replaces.

    The first tells a token that was used before from one that never was.
    """

    family: bytes = field(default_factory=partial(secrets.token_bytes, FAMILY_BYTES))
    secret: bytes = field(default_factory=partial(secrets.token_bytes, SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `encode` wrote; raise `ValueError` for any other text."""
        raw = b64decode(text, altchars=b"-_", validate=True)
        if len(raw) != FAMILY_BYTES + SECRET_BYTES:
            raise ValueError("no refresh token")
        return cls(raw[:FAMILY_BYTES], raw[FAMILY_BYTES:])

    def encode(self) -> str:
        """Write it as 64 characters that need no escape anywhere."""
        return urlsafe_b64encode(self.family + self.secret).decode()

    def successor(self) -> Self:
        """Make the next token of the same session."""
        return type(self)(self.family)

    @property
    def family_hash(self) -> bytes:
        """What the session is found by."""
        return _digest(self.family)

    @property
    def token_hash(self) -> bytes:
        """What says that this token is the newest."""
        return _digest(self.secret)


def new_code() -> str:
    """Make a code for a person to copy: 192 random bits in 32 characters."""
    return secrets.token_urlsafe(CODE_BYTES)


def hash_code(code: str) -> bytes:
    """Return what is stored of a code."""
    return _digest(code.encode())


def _digest(secret: bytes) -> bytes:
    """Hash fast: what is random needs no slow hash."""
    return sha256(secret).digest()
