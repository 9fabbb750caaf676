"""Sessions and tokens of users in tests."""

import json
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

from app.core.db.ids import uuid7
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.user import User
from tests.clients import HASHED_PASSWORD


async def add_signed_in(database: Database, email: str, now: datetime, **columns: Any) -> User:
    """Add a user with a session. Both have the same id, so that tests know the session's id."""
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


def read_part(token: str, part: int) -> dict[str, Any]:
    """Return the header (`part` 0) or the claims (`part` 1) of a token."""
    content: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[part] + "=="))
    return content
