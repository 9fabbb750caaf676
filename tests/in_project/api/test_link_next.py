"""The link to the next page."""

from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from starlette.datastructures import URL

from app.api.deps import LinkNext
from app.api.routing import APIRouter
from tests.clients import client_of
from tests.conftest import MakeApp

QUERIES = (
    *("", "cursor=old", "a=1&cursor=old&a=2&cursor=older", "q=%C3%A9+x&empty=", "q=a%26b%3Dc%2Bd"),
    *("tag=x;y", "CURSOR=old", "a", "&&a=1&", "%63ursor=old&a=%2F"),
)


async def list_teas(name: str, link_next: LinkNext) -> str:
    link_next("a/b+c=")
    return name


@pytest.fixture
async def app(make_app: MakeApp) -> FastAPI:
    app, router = await make_app(), APIRouter()
    router.add_api_route("/shops/{name}/teas", list_teas)
    app.include_router(router)
    return app


@pytest.fixture
def client(app: FastAPI) -> AsyncClient:
    return client_of(app)


async def test_the_link_contains_the_query_with_the_new_cursor(client: AsyncClient) -> None:
    """HTT-13"""
    for query in QUERIES:
        path = f"/shops/a-b_c.d~e:f@g/teas?{query}"
        expected = URL(path).include_query_params(cursor="a/b+c=")

        response = await client.get(path)

        assert response.headers["link"] == f'<{expected}>; rel="next"'


async def test_the_path_in_the_link_is_encoded(client: AsyncClient) -> None:
    """HTT-13, ERR-03. A header can contain only some of the characters of a path."""
    for name in ("\u2603", "\xe9", "a b", "a>b", 'a"b', "50%", "a?b", "a#b", "a\r\nb c", "\x00"):
        path = f"/shops/{quote(name)}/teas"

        response = await client.get(path)

        assert response.json() == name
        assert response.headers["link"] == f'<{path}?cursor=a%2Fb%2Bc%3D>; rel="next"'
