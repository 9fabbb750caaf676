"""What becomes of an error that nobody foresaw."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.logs import LogLines

ORIGIN = "https://app.example.com"


async def fail() -> None:
    raise RuntimeError("the secret of the house")


async def fail_late() -> StreamingResponse:
    async def content() -> AsyncIterator[bytes]:
        yield b"so far so good"
        await fail()

    return StreamingResponse(content())


def add_failures(app: FastAPI) -> FastAPI:
    app.get("/fail")(fail)
    app.get("/fail-late")(fail_late)
    return app


async def test_it_is_told_to_nobody_but_the_log_and_to_that_once(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    """ERR-01, ERR-03"""
    client = client_of(add_failures(await make_app(cors_origins=ORIGIN)), Origin=ORIGIN)

    response = await client.get("/fail")

    assert response.status_code == 500
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert problem(response)["detail"] == "An unexpected error occurred and was logged."
    assert "secret" not in response.text
    [line] = [line for line in log_lines() if line["level"] == "error"]
    assert line["event"] == "unexpected_error"
    assert line["request_id"] == response.headers["x-request-id"]
    assert line["exception"].endswith("RuntimeError: the secret of the house")


async def test_it_is_told_to_those_who_debug(make_app: MakeApp) -> None:
    client = client_of(add_failures(await make_app(debug=True)))

    response = await client.get("/fail")

    assert response.status_code == 500
    assert problem(response)["detail"] == "RuntimeError('the secret of the house')"


async def test_an_answer_that_has_begun_is_broken_off(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    client = client_of(add_failures(await make_app()))

    with pytest.raises(RuntimeError, match="the secret of the house"):
        await client.get("/fail-late")

    assert [line["event"] for line in log_lines() if line["level"] == "error"] == [
        "unexpected_error"
    ]
