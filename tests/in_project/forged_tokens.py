"""Tokens that tests sign without a library, so that they can also make invalid tokens."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app import project
from app.core.security import TOKEN_TYPE, key_id
from tests.clients import SECRET_KEY

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
GOOD_HEADER = {"alg": "HS256", "typ": TOKEN_TYPE, "kid": key_id(SECRET_KEY)}


def good_claims(subject: UUID, now: datetime) -> dict[str, Any]:
    """Return the claims of a token that is valid for a minute."""
    seconds = int(now.timestamp())
    return {
        "sub": str(subject),
        "sid": str(subject),
        "jti": str(uuid4()),
        "iss": project.SLUG,
        "aud": project.SLUG,
        "iat": seconds,
        "nbf": seconds,
        "exp": seconds + 60,
    }


def forge(header: Any, claims: Any, key: str = SECRET_KEY, algorithm: str = "HS256") -> str:
    """Return a signed token with any header and claims; bytes are used unchanged."""
    signed = f"{_part(header)}.{_part(claims)}"
    signature = hmac.new(key.encode(), signed.encode(), HASHES[algorithm]).digest()
    return f"{signed}.{_part(signature)}"


def _part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")
