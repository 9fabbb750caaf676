"""Conditional requests: `If-Match` and `If-None-Match`."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.api.deps import PreconditionsDep
from tests.clients import client_of, problem

URL = "/third"
# The request headers, and the statuses of a GET and of a PUT if the version is 3.
CONDITIONS: list[tuple[dict[str, str], int, int]] = [
    ({}, 200, 200),
    ({"If-Match": '"3"'}, 200, 200),
    ({"If-Match": '"2", "3"'}, 200, 200),
    ({"If-Match": "*"}, 200, 200),
    ({"If-Match": '"2"'}, 412, 412),
    ({"If-Match": 'W/"3"'}, 412, 412),
    ({"If-Match": '"*"'}, 412, 412),
    ({"If-None-Match": '"2", W/"1"'}, 200, 200),
    ({"If-None-Match": '"3"'}, 304, 412),
    ({"If-None-Match": 'W/"3"'}, 304, 412),
    ({"If-None-Match": '"2", "3"'}, 304, 412),
    ({"If-None-Match": "*"}, 304, 412),
    ({"If-Match": '"3"', "If-None-Match": '"3"'}, 304, 412),
    ({"If-Match": '"2"', "If-None-Match": '"3"'}, 412, 412),
]
ODD = ("", "3", '"3', '"3" "4"', '*, "3"', "'3'", '"3", x', "\x00", '"\t"', '"' * 9000)


@pytest.fixture(scope="module")
def client(own_app: FastAPI) -> AsyncClient:
    """A client for a resource at version 3."""

    @own_app.api_route(URL, methods=["GET", "PUT"])
    async def third(preconditions: PreconditionsDep) -> str:
        preconditions.check(3)
        return "third"

    return client_of(own_app)


@pytest.mark.parametrize(("headers", "read", "written"), CONDITIONS)
async def test_if_match_and_if_none_match_determine_the_status(
    client: AsyncClient, headers: dict[str, str], read: int, written: int
) -> None:
    """HTT-10. `If-Match` compares tags strongly, `If-None-Match` weakly (RFC 9110, 13.1)."""
    answers = {
        method: await client.request(method, URL, headers=headers) for method in ("GET", "PUT")
    }

    assert [answer.status_code for answer in answers.values()] == [read, written]
    for answer in answers.values():
        if answer.status_code == 412:
            assert problem(answer)["error_code"] == "PRECONDITION_FAILED"
        if answer.status_code == 304:
            assert answer.headers["etag"] == '"3"'
            assert answer.content == b""
            assert {"content-length", "content-type"}.isdisjoint(answer.headers)


async def test_conditional_headers_can_be_repeated(client: AsyncClient) -> None:
    """HTT-10"""
    for name, status in (("If-Match", 200), ("If-None-Match", 304)):
        headers = [(name, '"2"'), (name, '"1", "3"')]

        assert (await client.get(URL, headers=headers)).status_code == status


async def test_an_invalid_conditional_header_is_rejected_with_422(client: AsyncClient) -> None:
    """HTT-10"""
    for name in ("If-Match", "If-None-Match"):
        for odd in ODD:
            response = await client.get(URL, headers={name: odd})

            assert response.status_code == 422, odd[:9]
            [error] = problem(response)["errors"]
            assert error["loc"] == ["header", name]
            assert error["message"] == (
                "must be *, or entity tags in double quotes, separated by commas"
            )
