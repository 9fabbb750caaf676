"""JSON Web Tokens by python-jose: the signature, nothing else; the caller checks the claims."""

from typing import Any

from jose import JOSEError, jwt

SIGNATURE_ONLY = {
    f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
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
    except (JOSEError, ValueError, RecursionError) as error:
        raise JWTError from error


def decode(token: str, key: str, algorithm: str) -> dict[str, Any]:
    """Verify the signature and return the claims; raise `JWTError` if it is not ours."""
    try:
        # Without a list of algorithms, python-jose would trust the token's own header.
        return jwt.decode(token, key, [algorithm], options=SIGNATURE_ONLY)
    except (JOSEError, ValueError, RecursionError) as error:
        # Not only its JWTError: a JWKError is none, and would escape.
        raise JWTError from error
