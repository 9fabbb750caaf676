"""Tokens that are no longer valid, or never were."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import update

from app.models.user import User
from dev.prove.attacks.checks import check, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared
from dev.prove.operations import Operation
from tests.clients import StoppedClock
from tests.databases import RolledBackDatabase

UNAUTHORIZED = 401


def needs_token(operation: Operation) -> bool:
    return operation.row is not None and operation.row.access.status("anonymous") == UNAUTHORIZED


async def problems_of(request: Prepared, what: str, token: str | None = None) -> list[str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status = (await request.send(headers=headers)).status_code
    return [] if status == UNAUTHORIZED else [f"{what} is answered with {status}"]


@check("ended session", needs_token)
async def test_tokens_of_ended_sessions_are_refused(
    operation: Operation,
    prepared: Prepare,
    database: RolledBackDatabase,
    callers: Mapping[str, AsyncClient],
    clock: StoppedClock,
    app: FastAPI,
) -> None:
    request = await prepared(operation)
    client, problems = callers[request.actor], list[str]()
    async with database.undone():
        await client.post("/api/v1/auth/logout")
        problems += await problems_of(request, "the token of a session that ended by logout")
    async with database.undone():
        await client.post("/api/v1/auth/logout-all")
        problems += await problems_of(request, "the token of a session that ended everywhere")
    async with database.undone():
        async with database.begin() as session:
            await session.execute(update(User).values(is_active=False))
        problems += await problems_of(request, "the token of a deactivated account")
    clock.advance(minutes=app.state.resources.settings.access_token_expire_minutes + 5)
    async with database.undone():
        problems += await problems_of(request, "an expired token")
    report(problems)


@check("forged token", needs_token)
async def test_forged_tokens_are_refused(
    operation: Operation,
    prepared: Prepare,
    database: RolledBackDatabase,
    callers: Mapping[str, AsyncClient],
) -> None:
    request = await prepared(operation)
    token = callers[request.actor].headers["Authorization"].removeprefix("Bearer ")
    header, claims, signature = token.split(".")
    unsigned = urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode()
    forged = {
        "a token with another signature": f"{header}.{claims}.{signature[::-1]}",
        "an unsigned token": f"{unsigned.rstrip('=')}.{claims}.",
        "a token without a signature": f"{header}.{claims}.",
        "a token that is no JWT": "a.b.c",
    }
    problems = []
    for what, text in forged.items():
        async with database.undone():
            problems += await problems_of(request, what, text)
    report(problems)
