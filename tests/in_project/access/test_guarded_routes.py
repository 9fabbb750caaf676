"""Guarded routes: their rate limits, authentication and errors."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import fastapi
import pytest
from fastapi import Depends, FastAPI
from httpx import AsyncClient
from sqlalchemy import delete

from app.api.deps import RequireFlag, get_admin_user, get_current_user
from app.api.routing import APIRouter
from app.models.accounts.login_session import UserSession
from app.models.user import User
from tests.access.test_guarded_routes import send_broken_json, unguarded
from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.databases import RolledBackDatabase


@pytest.mark.parametrize("prefix", ["/api/v1", "/api/v1/users", "/api/v2", "/v2"])
async def test_routes_of_a_fastapi_router_are_reported_as_unguarded(
    make_app: MakeApp, prefix: str
) -> None:
    """AUZ-01. The router may be included in the application or in a guarded router."""
    app = await make_app()
    direct, plain, guarded = fastapi.APIRouter(), fastapi.APIRouter(), APIRouter()
    for router, path in ((direct, "/direct"), (plain, "/nested"), (guarded, "/guarded")):
        router.add_api_route(path, lambda: None)
    guarded.include_router(plain)
    for router in (direct, guarded):
        app.include_router(router, prefix=prefix)

    assert unguarded(app) == {f"{prefix}/direct", f"{prefix}/nested"}


async def test_mounts_and_websockets_are_reported_as_unguarded(make_app: MakeApp) -> None:
    """AUZ-01. The guards of a router check neither."""
    app, router = await make_app(), APIRouter()
    for target in (app, router):
        target.mount("/mount", FastAPI())
        target.add_api_websocket_route("/websocket", lambda: None)
    app.include_router(router, prefix="/v2")

    assert unguarded(app) == {"/mount", "/websocket", "/v2/mount", "/v2/websocket"}


async def create_tea(data: dict[str, int]) -> None:
    """An operation with a body and no dependency of its own."""


@pytest.mark.parametrize(
    ("dependency", "status"),
    [(get_current_user, 401), (get_admin_user, 401), (RequireFlag("teas"), 404)],
)
async def test_dependencies_of_routers_are_checked_before_the_body(
    make_app: MakeApp, dependency: Callable[..., Awaitable[object]], status: int
) -> None:
    """AUZ-01. One router may be included with other dependencies in each place."""
    app, guards = await make_app(), [Depends(dependency)]
    own, outer, inner = APIRouter(dependencies=guards), APIRouter(), APIRouter()
    for router in (own, inner):
        router.add_api_route("/teas", create_tea, methods=["POST"])
    outer.include_router(inner, prefix="/nested", dependencies=guards)
    app.include_router(own, prefix="/own")
    app.include_router(inner, prefix="/included", dependencies=guards)
    app.include_router(outer)
    app.include_router(inner, prefix="/open")
    client = client_of(app)

    answers = {
        place: (await send_broken_json(client, "POST", f"/{place}/teas")).status_code
        for place in ("own", "included", "nested", "open")
    }

    assert answers == {"own": status, "included": status, "nested": status, "open": 422}


async def test_requests_with_invalid_json_count_towards_the_rate_limit(make_app: MakeApp) -> None:
    """RTL-01"""
    app = await make_app(rate_limit_enabled=True, rate_limit_login="2/year")
    client = client_of(app)

    answers = [await send_broken_json(client, "POST", "/api/v1/users") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422, 422, 429]


async def test_variants_of_a_path_share_one_rate_limit(make_app: MakeApp) -> None:
    """RTL-11"""
    client = client_of(await make_app(rate_limit_enabled=True, rate_limit_default="3/year"))
    me = "/api/v1/users/me"
    other = ("/api/v1/users/%6de", f"{me}?", f"{me}?a", "//api/v1/users/me", f"{me}/", f"{me};a")
    more = ("/api//v1/users/me", "/api/v1/./users/me", "/API/v1/users/me", f"{me}%00", me)

    answers = [(await client.get(f"http://test{path}")).status_code for path in (*other, *more)]

    assert answers[:3] == [401] * 3
    assert set(answers[3:-1]) <= {307, 404, 429}
    assert answers[-1] == 429


async def test_the_session_is_checked_after_the_body_has_arrived(
    authenticated_client: AsyncClient, user: User, database: RolledBackDatabase
) -> None:
    """TOK-20, SES-04. A slow body must not let a client use a session that has ended."""

    async def body() -> AsyncGenerator[bytes]:
        yield b'{"full_name": '
        async with database.begin() as session:
            await session.execute(delete(UserSession))
        yield b'"Eve"}'

    response = await authenticated_client.patch(
        "/api/v1/users/me", content=body(), headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 401


async def test_a_body_with_many_unknown_members_returns_one_error(client: AsyncClient) -> None:
    """RES-06, VAL-23, ERR-02"""
    many = {f"member{number}": 0 for number in range(1000)}

    for path in ("/api/v1/users", "/api/v1/auth/refresh"):
        response = await client.post(path, json=many)

        assert response.status_code == 422
        assert len(problem(response)["errors"]) == 1
