"""JSON Web Tokens by PyJWT: the signature, nothing else; the caller checks the claims."""

from typing import Any

import jwt
from jwt.types import Options

SIGNATURE_ONLY: Options = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_jti": False,
    "verify_nbf": False,
    "verify_sub": False,
}


class JWTError(Exception):
    """The token is malformed, or its signature is not ours."""


def encode(claims: dict[str, Any], key: str, algorithm: str, headers: dict[str, str]) -> str:
    """Sign `claims`."""
    return jwt.encode(claims, key, algorithm, headers)


def read_header(token: str) -> dict[str, Any]:
    """Read the header, which nobody has verified; raise `JWTError` if there is none."""
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise JWTError from error


def decode(token: str, key: str, algorithm: str) -> dict[str, Any]:
    """Verify the signature and return the claims; raise `JWTError` if it is not ours."""
    try:
        return jwt.decode(token, key, [algorithm], options=SIGNATURE_ONLY)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise JWTError from error
