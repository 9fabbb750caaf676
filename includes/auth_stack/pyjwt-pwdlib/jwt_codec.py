"""Signs JSON Web Tokens and verifies signatures with PyJWT. The caller checks the claims."""

from typing import Any

import jwt

# `jwt.decode` would also parse and check the claims.
SIGNATURES = jwt.PyJWS()


class JWTError(Exception):
    """The token is malformed, or its signature does not match the key."""


def encode(claims: dict[str, Any], key: str, algorithm: str, headers: dict[str, str]) -> str:
    """Return a signed token with `claims`."""
    return jwt.encode(claims, key, algorithm, headers)


def decode(token: str, key: str, algorithm: str) -> bytes:
    """Verify the signature and return the claims as JSON; raise `JWTError` for an invalid token."""
    try:
        payload: bytes = SIGNATURES.decode(token, key, [algorithm])
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise JWTError from error
    return payload
