"""Deprecated operations."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from fastapi import APIRouter, Response

from app.api.deprecation import deprecated
from app.api.deps import CurrentUser
from app.api.routing import GuardedRoute
from app.core.exceptions import NotFoundError
from tests.clients import client_of
from tests.conftest import MakeApp

SINCE = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))
SUNSET = datetime(2027, 1, 1, tzinfo=UTC)
DEPRECATION = "@1767218400"
LINKS = '<https://example.com/old>; rel="deprecation", </new>; rel="successor-version"'

router = APIRouter(route_class=GuardedRoute)


@router.get("/old/{number}")
@deprecated(since=SINCE, sunset=SUNSET, documentation="https://example.com/old", successor="/new")
async def read_old(number: int, response: Response, _user: CurrentUser) -> int:
    response.headers["Link"] = '</old/2>; rel="next"'
    if number == 0:
        raise NotFoundError("Number", number)
    return 1 // (number - 2)


@router.get("/older")
@deprecated(since=SINCE)
async def read_older() -> None:
    pass


@router.get("/new")
async def read_new() -> None:
    pass


async def test_every_response_of_a_deprecated_operation_has_deprecation_headers(
    make_app: MakeApp, test_user_token: str
) -> None:
    """HTT-15"""
    app = await make_app()
    app.include_router(router)
    client = client_of(app, test_user_token)
    answers = [await client.get(f"/old/{part}") for part in ("1", "0", "x", "2")]
    answers.append(await client_of(app).get("/old/1"))

    assert [answer.status_code for answer in answers] == [200, 404, 422, 500, 401]
    for answer in answers:
        assert answer.headers["deprecation"] == DEPRECATION
        assert answer.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
        assert answer.headers.get_list("link")[-1] == LINKS
    assert answers[0].headers.get_list("link") == ['</old/2>; rel="next"', LINKS]
    older, new = [(await client.get(path)).headers for path in ("/older", "/new")]
    assert older["deprecation"] == DEPRECATION
    assert not {"sunset", "link"} & older.keys()
    assert not {"deprecation", "sunset", "link"} & new.keys()


async def test_deprecated_operations_are_marked_in_openapi(make_app: MakeApp) -> None:
    """HTT-15"""
    app = await make_app()
    app.include_router(router)
    paths = app.openapi()["paths"]
    old, older, new = (paths[path]["get"] for path in ("/old/{number}", "/older", "/new"))

    assert [old["deprecated"], older["deprecated"], "deprecated" in new] == [True, True, False]
    assert datetime.fromisoformat(old["x-sunset"]) == SUNSET
    assert "x-sunset" not in older
    assert {*old["responses"]["200"]["headers"]} == {"Deprecation", "Sunset", "Link"}
    assert {*older["responses"]["200"]["headers"]} == {"Deprecation"}
    assert "headers" not in new["responses"]["200"]


def test_a_sunset_before_the_deprecation_and_a_naive_datetime_are_rejected() -> None:
    """HTT-15"""
    with pytest.raises(ValueError, match="not be earlier"):
        deprecated(since=SUNSET, sunset=SUNSET - timedelta(seconds=1))
    with pytest.raises(ValueError, match="time zone"):
        deprecated(since=datetime(2026, 1, 1))  # noqa: DTZ001 - naive on purpose
