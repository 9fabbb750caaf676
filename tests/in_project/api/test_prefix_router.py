"""A router is skipped by its prefix, but never if one of its routes could match."""

from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from app.core.http.prefix_router import PrefixRouter
from tests.clients import client_of


class CountedRoute(APIRoute):
    """A route that counts how often it is compared with a path."""

    comparisons = 0

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        CountedRoute.comparisons += 1
        return super().matches(scope)


async def respond(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("other")(scope, receive, send)


def app_with(*routers: APIRouter) -> FastAPI:
    app = FastAPI()
    for router in routers:
        app.include_router(router, prefix="/v1")
    return app


async def status(app: FastAPI, path: str, method: str = "GET") -> int:
    return (await client_of(app).request(method, path)).status_code


async def test_the_routes_of_a_skipped_router_are_not_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CountedRoute, "comparisons", 0)
    counted, other = (
        PrefixRouter(prefix=prefix, route_class=CountedRoute) for prefix in ("/pens", "/shops")
    )
    counted.get("")(lambda: 1)
    other.get("")(lambda: 1)
    app = app_with(counted, other)

    assert await status(app, "/v1/nothing") == 404
    assert CountedRoute.comparisons == 0
    assert await status(app, "/v1/shops") == 200
    assert CountedRoute.comparisons == 2  # of one route: once to match, once to select


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/v1/pens", "GET", 200),
        ("/v1/pens/7", "GET", 200),
        ("/v1/pens/7", "POST", 405),
        ("/v1/pen", "GET", 404),
        ("/v1/shops/3/pens", "GET", 200),
        ("/v1/shops", "GET", 404),
        ("/other", "GET", 404),
    ],
)
async def test_the_routes_of_routers_with_prefixes_respond_as_usual(
    path: str, method: str, expected: int
) -> None:
    pens, shops = PrefixRouter(prefix="/pens"), PrefixRouter(prefix="/shops/{shop}")
    pens.get("")(lambda: 1)
    pens.get("/{pen}")(lambda pen: pen)
    shops.get("/pens")(lambda shop: shop)

    assert await status(app_with(pens, shops), path, method) == expected


async def test_a_router_that_is_included_twice_responds_at_both_places() -> None:
    inner, outer = PrefixRouter(prefix="/pens"), PrefixRouter(prefix="/shops")
    inner.get("")(lambda: 1)
    outer.include_router(inner)
    app = app_with(inner, outer)

    assert [await status(app, path) for path in ("/v1/pens", "/v1/shops/pens")] == [200, 200]


@pytest.mark.parametrize(
    "add",
    [
        lambda router: router.routes.append(Route("/other", respond)),
        lambda router: router.routes.append(Mount("/other", respond)),
        lambda router: router.routes.append(Host("127.0.0.1", respond)),
    ],
)
async def test_a_route_without_the_prefix_responds(add: Callable[[PrefixRouter], None]) -> None:
    router = PrefixRouter(prefix="/pens")
    router.get("")(lambda: 1)
    app = app_with(router)
    assert await status(app, "/v1/other") == 404

    add(router)
    router.get("/later")(lambda: 1)

    assert await status(app, "/v1/pens/later") == 200
    assert router._required == ""
