"""JSON Web Tokens by PyJWT: the signature, nothing else; the caller checks the rest."""

from typing import Any

import jwt

# `jwt.decode` would read the claims and look through them, too.
SIGNATURES = jwt.PyJWS()


class JWTError(Exception):
    """The token is malformed, or its signature is not ours."""


def encode(claims: dict[str, Any], key: str, algorithm: str, headers: dict[str, str]) -> str:
    """Sign `claims`."""
    return jwt.encode(claims, key, algorithm, headers)


def decode(token: str, key: str, algorithm: str) -> bytes:
    """Verify the signature and return the claims, in JSON; raise `JWTError` if it is not ours."""
    try:
        payload: bytes = SIGNATURES.decode(token, key, [algorithm])
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise JWTError from error
    return payload
