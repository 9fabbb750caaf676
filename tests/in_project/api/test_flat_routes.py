"""The application takes over the routes of routers, to the same effect as FastAPI's."""

from typing import Annotated, Any

import fastapi
import pytest
from fastapi import Depends, FastAPI, Form, Header
from fastapi.routing import iter_route_contexts
from httpx import AsyncClient
from starlette.responses import StreamingResponse

from app.api.routing import APIRouter
from app.core.http.flat_routes import Application
from app.main import create_app
from tests.clients import client_of
from tests.conftest import MakeApp, MakeSettings


async def read_tea(name: str, x_cups: Annotated[int, Header()] = 1) -> dict[str, Any]:
    """Read a tea."""
    return {"name": name, "cups": x_cups}


async def stream_teas() -> StreamingResponse:
    return StreamingResponse(iter(["tea"]))


async def weigh_form(form: Annotated[str, Form()]) -> int:
    return len(form)


def teas(
    *, outer: type[fastapi.APIRouter], inclusion: dict[str, Any] | None = None, **limits: Any
) -> fastapi.APIRouter:
    """Return a router in a router in a router, each with options of its own."""
    inner = APIRouter(prefix="/teas", tags=["teas"])
    inner.add_api_route("/all", stream_teas)
    inner.add_api_route("/{name}", read_tea, responses={409: {"description": "It is cold."}})
    inner.add_api_route("/form", weigh_form, methods=["POST"])
    middle = APIRouter(responses={418: {"description": "I am a teapot."}}, deprecated=True)
    middle.include_router(inner, prefix="/hot", tags=["hot"], **inclusion or {})
    router = outer(dependencies=[Depends(read_cups)], **limits)
    router.include_router(middle, prefix="/kitchen")
    return router


async def read_cups(cups: int = 1) -> int:
    return cups


def paths(app: FastAPI) -> list[str | None]:
    """Return the paths of the routes that belong to the application directly."""
    return [getattr(each, "path", None) for each in app.routes]


def test_all_routes_belong_to_the_application(make_settings: MakeSettings) -> None:
    app = create_app(make_settings(docs_enabled=False))

    assert paths(app) == [each.path for each in iter_route_contexts(app.routes)]


def test_the_description_is_the_same_as_of_nested_routers() -> None:
    flat, nested = Application(), FastAPI()
    for app in (flat, nested):
        app.include_router(teas(outer=APIRouter), prefix="/v2", tags=["v2"])

    assert "/v2/kitchen/hot/teas/{name}" in paths(flat)
    assert "/v2/kitchen/hot/teas/{name}" not in paths(nested)
    assert flat.openapi() == nested.openapi()
    for app in (flat, nested):
        path = app.url_path_for("read_tea", name="oolong")
        assert path == "/v2/kitchen/hot/teas/oolong"


@pytest.fixture
async def clients(make_app: MakeApp) -> list[AsyncClient]:
    """Clients of the same operations, without and with nested routers."""
    apps = [await make_app() for _ in range(2)]
    apps[0].include_router(teas(outer=APIRouter), prefix="/v2")
    apps[1].include_router(teas(outer=fastapi.APIRouter), prefix="/v2")
    assert ["/v2/kitchen/hot/teas/all" in paths(each) for each in apps] == [True, False]
    return [client_of(each) for each in apps]


async def test_each_request_has_the_same_response_as_with_nested_routers(
    clients: list[AsyncClient],
) -> None:
    """HTT-02, HTT-04, VAL-05"""
    requests = [
        *(("GET", "/all"), ("GET", "/oolong"), ("HEAD", "/oolong"), ("OPTIONS", "/oolong")),
        *(("GET", "/oolong?cups=x"), ("DELETE", "/oolong"), ("POST", "/form"), ("GET", "/form")),
        *(("GET", ""), ("GET", "/"), ("GET", "/oolong/"), ("GET", "/a/b"), ("TRACE", "/all")),
    ]
    for method, path in requests:
        flat, nested = [
            await each.request(method, f"/v2/kitchen/hot/teas{path}") for each in clients
        ]
        for response in (flat, nested):
            response.headers.pop("x-request-id")

        assert (flat.status_code, flat.headers) == (nested.status_code, nested.headers), path
        if "problem" not in flat.headers.get("content-type", ""):
            assert flat.content == nested.content


@pytest.mark.parametrize("place", ["router", "inner inclusion", "inclusion"])
async def test_limits_of_forms_of_a_router_are_applied(make_app: MakeApp, place: str) -> None:
    """RES-05. FastAPI applies them when it enters the router, so the router stays nested."""
    app, limits = await make_app(), {"form_limits": {"max_part_size": 20}}
    of_router: dict[str, Any] = limits if place == "router" else {}
    of_inner: dict[str, Any] = limits if place == "inner inclusion" else {}
    of_outer: dict[str, Any] = limits if place == "inclusion" else {}
    router = teas(outer=APIRouter, inclusion=of_inner, **of_router)
    app.include_router(router, prefix="/v2", **of_outer)
    client, path = client_of(app), "/v2/kitchen/hot/teas/form"

    assert path not in paths(app)
    for length, status in ((5, 200), (30, 413)):
        response = await client.post(path, data={"form": "x" * length})
        assert response.status_code == status


def test_routers_with_other_routes_stay_nested() -> None:
    mounting, connecting, plain, showing = (APIRouter() for _ in range(4))
    mounting.mount("/mount", FastAPI())
    connecting.add_api_websocket_route("/websocket", stream_teas)
    plain.include_router(fastapi.APIRouter())
    showing.frontend("/", directory=".", check_dir=False)
    for router in (mounting, connecting, plain, showing):
        outer, app = APIRouter(), Application()
        router.add_api_route("/teas", stream_teas)
        outer.include_router(router)
        app.include_router(outer)

        assert "/teas" not in paths(app)
