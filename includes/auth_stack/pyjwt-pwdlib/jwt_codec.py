"""JSON Web Tokens by PyJWT: the signature only; the caller checks the claims."""

from typing import Any

import jwt

# `jwt.decode` would also parse and check the claims.
SIGNATURES = jwt.PyJWS()


class JWTError(Exception):
    """The token is malformed, or its signature is not ours."""


def encode(claims: dict[str, Any], key: str, algorithm: str, headers: dict[str, str]) -> str:
    """Sign `claims`."""
    return jwt.encode(claims, key, algorithm, headers)


def decode(token: str, key: str, algorithm: str) -> bytes:
    """Verify the signature and return the claims as JSON; raise `JWTError` if it is invalid."""
    try:
        payload: bytes = SIGNATURES.decode(token, key, [algorithm])
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise JWTError from error
    return payload
