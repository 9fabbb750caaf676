"""Tokens made by hand, so that no library keeps a test from making bad ones."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app import project
from app.core.db.ids import uuid7
from app.core.security import TOKEN_TYPE, key_id
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.user import User
from tests.clients import HASHED_PASSWORD, SECRET_KEY

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
GOOD_HEADER = {"alg": "HS256", "typ": TOKEN_TYPE, "kid": key_id(SECRET_KEY)}


def good_claims(subject: UUID, now: datetime) -> dict[str, Any]:
    """Return the claims of a token that is good for a minute."""
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


async def add_signed_in(database: Database, email: str, now: datetime, **columns: Any) -> User:
    """Add a user, and a session with the user's own id, so that tests know it."""
    user = User(**{"id": uuid7(), "email": email, "hashed_password": HASHED_PASSWORD} | columns)
    opened = UserSession(
        id=user.id,
        user_id=user.id,
        family_hash=user.id.bytes,
        token_hash=b"",
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=14),
        absolute_expires_at=now + timedelta(days=90),
    )
    async with database.begin() as session:
        session.add(user)
        await session.flush()
        session.add(opened)
    return user


def forge(header: Any, claims: Any, key: str = SECRET_KEY, algorithm: str = "HS256") -> str:
    """Sign anything at all; bytes are taken as they are."""
    signed = f"{_part(header)}.{_part(claims)}"
    signature = hmac.new(key.encode(), signed.encode(), HASHES[algorithm]).digest()
    return f"{signed}.{_part(signature)}"


def _part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def read_part(token: str, part: int) -> dict[str, Any]:
    """Read the header (0) or the claims (1) of a token."""
    content: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[part] + "=="))
    return content
