"""Random secrets that are shown once and stored only as hashes (ASVS 6.5.2, 11.5.1)."""

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
    """A family id, which all refresh tokens of a session share, and a secret that is used once.

    The family distinguishes a token that was used before from a token that never existed.
    """

    family: bytes = field(default_factory=partial(secrets.token_bytes, FAMILY_BYTES))
    secret: bytes = field(default_factory=partial(secrets.token_bytes, SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the output of `encode`; raise `ValueError` for any other text."""
        raw = b64decode(text, altchars=b"-_", validate=True)
        if len(raw) != FAMILY_BYTES + SECRET_BYTES:
            raise ValueError("not a refresh token")
        return cls(raw[:FAMILY_BYTES], raw[FAMILY_BYTES:])

    def encode(self) -> str:
        """Return 64 characters that need no escaping in URLs, headers and JSON."""
        return urlsafe_b64encode(self.family + self.secret).decode()

    def successor(self) -> Self:
        """Return the next token of the same session."""
        return type(self)(self.family)

    @property
    def family_hash(self) -> bytes:
        """The hash by which the session is found."""
        return _digest(self.family)

    @property
    def token_hash(self) -> bytes:
        """The hash that shows whether this token is the newest of its session."""
        return _digest(self.secret)


def new_code() -> str:
    """Return a code for a person to copy: 192 random bits in 32 characters."""
    return secrets.token_urlsafe(CODE_BYTES)


def hash_code(code: str) -> bytes:
    """Return the hash that is stored instead of a code."""
    return _digest(code.encode())


def _digest(secret: bytes) -> bytes:
    """Hash with SHA-256: random secrets need no slow hash."""
    return sha256(secret).digest()
