"""Idempotent requests by `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).

An operation that depends on `accept_idempotency_key` runs once for each key; `GuardedRoute` stores
and replays its response. The response is stored in the transaction of the operation, so that both
are committed or neither is.
"""

import re
from collections.abc import Callable, Coroutine
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BeforeValidator, Field

from app.api.deps.authentication import CurrentUser
from app.api.deps.database import DbSession
from app.api.deps.resources import Now
from app.core.exceptions import ValidationError
from app.core.idempotency import store as idempotency_service
from app.core.idempotency.model import MAX_KEY_LENGTH
from app.core.idempotency.store import Answer, RepeatableRequest

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# Visible ASCII except quotes and backslashes. The draft's double quotes around keys are optional.
VISIBLE = rf"[!#-\[\]-~]{{1,{MAX_KEY_LENGTH}}}"
KEY = re.compile(rf'"{VISIBLE}"|{VISIBLE}')
EXPECTED = f"1 to {MAX_KEY_LENGTH} visible ASCII characters except quotes and backslashes"


class AnsweredBefore(Exception):  # noqa: N818 - not an error
    """The operation has already run for this key; `answer` is its stored response."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _unquoted(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError(f"must be {EXPECTED}")
    return value.strip('"')


IdempotencyKeyHeader = Annotated[
    str | None,
    Field(json_schema_extra={"pattern": f"^(?:{KEY.pattern})$"}),
    BeforeValidator(_unquoted),
    Header(
        alias="Idempotency-Key",
        description="Makes the request idempotent: a retry with the same key returns the stored "
        "response. Keys expire after 24 hours.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]


async def accept_idempotency_key(
    request: Request,
    current_user: CurrentUser,
    session: DbSession,
    now: Now,
    idempotency_key: IdempotencyKeyHeader = None,
) -> None:
    """Lock the key of the request, if any; raise `AnsweredBefore` if its response is stored."""
    if idempotency_key is None:
        return
    if len(request.headers.getlist("idempotency-key")) > 1:
        raise ValidationError("must be sent only once", "header", "Idempotency-Key")
    target = f"{request.method} {request.url.path}?{request.url.query}\n"
    fingerprint = sha256(target.encode() + await request.body()).digest()
    repeatable = RepeatableRequest(current_user.id, idempotency_key, fingerprint)
    if answer := await idempotency_service.find_answer(session, repeatable, now):
        raise AnsweredBefore(answer)
    request.state.store_answer = partial(
        idempotency_service.store_answer, session, repeatable, now=now
    )


def answer_once(handle: Handler) -> Handler:
    """Return a handler that stores successful responses before the commit, or replays them."""

    async def handle_once(request: Request) -> Response:
        try:
            response = await handle(request)
        except AnsweredBefore as before:
            return _replay(before.answer)
        store = getattr(request.state, "store_answer", None)
        if store is not None and response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            await store(Answer(response.status_code, _kept(response), bytes(response.body)))
        return response

    return handle_once


def _kept(response: Response) -> dict[str, str]:
    return {k: v for k, v in response.headers.items() if k != "content-length"}


def _replay(answer: Answer) -> Response:
    headers = answer.headers | {"Idempotency-Replayed": "true"}
    return Response(answer.body, answer.status_code, headers)
