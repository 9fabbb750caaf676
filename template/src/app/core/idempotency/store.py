"""Stores the response to a request in the request's transaction, and finds it for retries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.exceptions import ConflictError, NotFoundError, ValidationError
from app.core.idempotency.model import IdempotencyKey

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RepeatableRequest:
    """A request with the idempotency key that the client sent, and a hash of the contents."""

    user_id: UUID
    key: str
    fingerprint: bytes

    @property
    def lock(self) -> int:
        """The number of the advisory lock for this user and key."""
        digest = sha256(f"{self.user_id} {self.key}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to a request."""

    status_code: int
    headers: dict[str, str]
    body: bytes


# Module constants, because building a statement costs more than running it.
TRY_LOCK = select(func.pg_try_advisory_xact_lock(bindparam("lock", type_=BigInteger)))
STORED = select(
    IdempotencyKey.fingerprint,
    IdempotencyKey.status_code,
    IdempotencyKey.headers,
    IdempotencyKey.body,
).where(
    IdempotencyKey.user_id == bindparam("user_id"),
    IdempotencyKey.key == bindparam("key"),
    IdempotencyKey.expires_at > bindparam("now"),
)
INSERT = insert(IdempotencyKey)
# A row with the same key has expired: otherwise, `find_answer` would have returned it.
STORE = INSERT.on_conflict_do_update(
    index_elements=[IdempotencyKey.user_id, IdempotencyKey.key],
    set_={
        column: INSERT.excluded[column]
        for column in ("fingerprint", "status_code", "headers", "body", "expires_at")
    },
)


async def find_answer(
    session: AsyncSession, request: RepeatableRequest, now: datetime
) -> Answer | None:
    """Return the stored response, or None if the request must still be processed.

    Raise `ConflictError` without waiting if another transaction is processing the request, and
    `ValidationError` if the key belongs to another request. The lock and the read are separate
    statements, so that the read sees everything that was committed before the lock.
    """
    if not await session.scalar(TRY_LOCK, {"lock": request.lock}):
        detail = "A request with this Idempotency-Key is still being processed. Try again later."
        raise ConflictError(detail, headers={"Retry-After": "1"})
    parameters = {"user_id": request.user_id, "key": request.key, "now": now}
    row = (await session.execute(STORED, parameters)).one_or_none()
    if row is None:
        return None
    if row.fingerprint != request.fingerprint:
        detail = "must not be used for another request. Send a new key."
        raise ValidationError(detail, "header", "Idempotency-Key")
    return Answer(row.status_code, row.headers, row.body)


async def store_answer(
    session: AsyncSession, request: RepeatableRequest, answer: Answer, now: datetime
) -> None:
    """Store a response; raise `NotFoundError` if the user has been deleted in the meantime."""
    parameters = {
        "user_id": request.user_id,
        "key": request.key,
        "fingerprint": request.fingerprint,
        "status_code": answer.status_code,
        "headers": answer.headers,
        "body": answer.body,
        "expires_at": now + LIFETIME,
    }
    connection = await session.connection()
    try:
        await connection.execute(STORE, parameters)
    except IntegrityError as error:  # only the foreign key to the user can be violated
        raise NotFoundError("User", request.user_id) from error
