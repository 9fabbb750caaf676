"""Operations behind a feature flag."""

from collections.abc import Callable

import pytest
from fastapi import APIRouter, Depends, FastAPI
from httpx import AsyncClient

from app.api.deps import CurrentUser, FlagsDep, RequireFlag
from app.api.routing import GuardedRoute
from app.models.user import User
from tests.clients import client_of, problem
from tests.conftest import MakeApp, MakeUser
from tests.flags import flags_on

router = APIRouter(route_class=GuardedRoute)


@router.post("/checkout", dependencies=[Depends(RequireFlag("new-checkout"))])
async def check_out(data: dict[str, int], current_user: CurrentUser) -> None:
    """Buy the given items."""


@router.get("/banner")
async def read_banner(flags: FlagsDep) -> str:
    """Return the text of the banner."""
    return "new" if await flags.is_enabled("banner") else "old"


@pytest.fixture
async def app(make_app: MakeApp) -> FastAPI:
    app = await make_app(feature_flags="banner=50%")
    app.include_router(router)
    return app


async def test_a_route_whose_flag_is_off_returns_404_like_an_unknown_path(
    app: FastAPI, authenticated_client: AsyncClient
) -> None:
    """The response is the same for every caller and every body."""
    unknown = problem(await authenticated_client.post("/nowhere"))
    for client in (client_of(app), authenticated_client):
        for body in (b'{"tea": 1}', b"{", b'{"tea": "x"}'):
            response = await client.post(
                "/checkout", content=body, headers={"Content-Type": "application/json"}
            )

            assert response.status_code == 404
            assert problem(response)["detail"] == unknown["detail"]


async def test_a_flag_is_enabled_only_within_the_context_of_flags_on(
    app: FastAPI, authenticated_client: AsyncClient
) -> None:
    with flags_on(app, "new-checkout"):
        on = await authenticated_client.post("/checkout", json={"tea": 1})
    off = await authenticated_client.post("/checkout", json={"tea": 1})

    assert [on.status_code, off.status_code] == [200, 404]


async def test_a_flagged_route_describes_its_404_response(app: FastAPI) -> None:
    responses = app.openapi()["paths"]["/checkout"]["post"]["responses"]

    assert {"401", "404", "422"} <= responses.keys()


async def test_a_percentage_flag_is_stable_for_each_user_and_off_for_anonymous_clients(
    app: FastAPI, make_user: MakeUser, make_token: Callable[[User], str]
) -> None:
    users = [await make_user(f"user{number}@example.com") for number in range(12)]
    rounds = [
        [(await client_of(app, make_token(user)).get("/banner")).json() for user in users]
        for _ in range(2)
    ]

    assert rounds[0] == rounds[1]
    assert {*rounds[0]} == {"old", "new"}
    assert (await client_of(app).get("/banner")).json() == "old"
