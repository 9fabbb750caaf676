"""Signs JSON Web Tokens and verifies signatures with python-jose. The caller checks the claims."""

from typing import Any

from jose import JOSEError, jws, jwt


class JWTError(Exception):
    """The token is malformed, or its signature does not match the key."""


def encode(claims: dict[str, Any], key: str, algorithm: str, headers: dict[str, str]) -> str:
    """Return a signed token with `claims`."""
    return jwt.encode(claims, key, algorithm, headers)


def decode(token: str, key: str, algorithm: str) -> bytes:
    """Verify the signature and return the claims as JSON; raise `JWTError` for an invalid token."""
    try:
        # Without this list of algorithms, python-jose would trust the token's own header.
        payload: bytes = jws.verify(token, key, [algorithm])
    except (JOSEError, ValueError, RecursionError) as error:
        # Catch JOSEError, because JWKError is not a subclass of python-jose's JWTError.
        raise JWTError from error
    return payload
