"""Requests without an `Idempotency-Key` are served with fewer dependencies, to the same effect."""

from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from httpx import AsyncClient
from sqlalchemy import delete

from app.api.deps import (
    CurrentUser,
    DbSession,
    RateLimit,
    accept_idempotency_key,
    get_db,
    limit_default,
)
from app.api.deps.authentication import oauth2_scheme
from app.api.routing import APIRouter
from app.core.exceptions import ConflictError
from app.models.accounts.login_session import UserSession
from app.services.accounts import authentication
from tests.clients import client_of
from tests.conftest import MakeApp
from tests.databases import RolledBackDatabase


async def refuse() -> None:
    """Reject every request."""
    raise ConflictError("The tea is cold.")


async def brew(token: Annotated[str, Depends(oauth2_scheme)]) -> dict[str, str]:
    return {"token": token}


async def pour(_session: DbSession, current_user: CurrentUser) -> dict[str, str]:
    return {"id": str(current_user.id)}


async def pour_once(_once: Annotated[None, Depends(accept_idempotency_key)]) -> None:
    """An operation that accepts a key as one of its arguments."""


@pytest.fixture
async def app(make_app: MakeApp) -> FastAPI:
    app = await make_app(rate_limit_enabled=True)
    router = APIRouter(dependencies=[Depends(limit_default)])
    once = [Depends(accept_idempotency_key)]
    router.add_api_route("/brew", brew, methods=["POST"], dependencies=once)
    router.add_api_route("/pour", pour, methods=["POST"], dependencies=once)
    router.add_api_route("/refused", pour, methods=["POST"], dependencies=[*once, Depends(refuse)])
    router.add_api_route("/pour-once", pour_once, methods=["POST"])
    app.include_router(router)
    return app


@pytest.fixture
def client(app: FastAPI, test_user_token: str) -> AsyncClient:
    return client_of(app, test_user_token)


@pytest.fixture
def callers(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The callers that are read from the database."""
    found: list[object] = []
    find_caller = authentication.find_caller

    async def find_and_note(*arguments: object) -> object:
        found.append(await find_caller(*arguments))  # type: ignore[arg-type] # any arguments
        return found[-1]

    monkeypatch.setattr(authentication, "find_caller", find_and_note)
    return found


@pytest.mark.parametrize("name", ["Idempotency-Key", "Another-Header"])
async def test_the_caller_is_authenticated_once_with_and_without_a_key(
    client: AsyncClient, callers: list[object], name: str
) -> None:
    """AUZ-01. An operation may accept a key without using the caller itself."""
    for path in ("/brew", "/pour"):
        callers.clear()
        response = await client.post(path, headers={name: path})

        assert response.status_code == 200
        assert len(callers) == 1
    assert (await client.post("/refused", headers={name: "/refused"})).status_code == 409


@pytest.mark.parametrize("name", ["Idempotency-Key", "Another-Header"])
async def test_an_ended_session_is_refused_first_with_and_without_a_key(
    client: AsyncClient, database: RolledBackDatabase, name: str
) -> None:
    """SES-04, TOK-20"""
    async with database.begin() as session:
        await session.execute(delete(UserSession))

    for path in ("/brew", "/pour", "/refused"):
        assert (await client.post(path, headers={name: path})).status_code == 401


async def test_a_key_of_an_argument_is_accepted(client: AsyncClient) -> None:
    """HTT-14"""
    headers = {"Idempotency-Key": "8e03978e"}
    answers = [await client.post("/pour-once", headers=headers) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert ["idempotency-replayed" in each.headers for each in answers] == [False, True]


async def test_a_dependency_on_the_scheme_gets_the_token(
    client: AsyncClient, test_user_token: str
) -> None:
    assert (await client.post("/brew")).json() == {"token": test_user_token}


async def test_overrides_of_omitted_dependencies_are_called(
    app: FastAPI, client: AsyncClient
) -> None:
    called: list[str] = []
    for dependency in (accept_idempotency_key, limit_default, get_db):
        name = dependency.__class__.__name__ if isinstance(dependency, RateLimit) else "function"
        app.dependency_overrides[dependency] = lambda name=name: called.append(name)

    assert (await client.post("/pour")).status_code == 200
    assert sorted(called) == ["RateLimit", "function", "function"]
