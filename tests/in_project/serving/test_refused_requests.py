"""Logs and metrics of requests that the protocol refuses."""

import asyncio
import logging

import pytest
from fastapi import FastAPI

from app.core.serving import protocol
from app.core.serving.protocol import MAX_HEAD_BYTES, MAX_TARGET_BYTES
from tests.in_project.raw_http import GET, HOST, LAST, exchange, serving
from tests.logs import LogLines


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /hea", 408),
        (b"GET /" + b"a" * MAX_TARGET_BYTES + b" HTTP/1.1\r\n" + LAST + b"\r\n", 414),
        (GET + LAST + b"X-Long: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
    ],
)
async def test_a_refused_request_is_logged_once_with_its_client_and_counted(
    app: FastAPI,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
    sent: bytes,
    status: int,
) -> None:
    """OBS-06, OBS-08"""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0)
    labels = ("other", "unmatched", status)
    before = app.state.metrics.requests.labels(*labels)._value.get()
    async with serving(app) as port:
        [answer] = await exchange(port, sent)

    [line] = [line for line in log_lines() if line.get("logger") != "asyncio"]
    assert (line["event"], line["status"], line["client"]) == ("refused", status, "127.0.0.1")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert app.state.metrics.requests.labels(*labels)._value.get() == before + 1


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
async def test_an_upgrade_request_is_logged_like_any_other(
    app: FastAPI, log_lines: LogLines, caplog: pytest.LogCaptureFixture, upgrade: bytes
) -> None:
    """RFC 9110 7.8. uvicorn would advise to install a library."""
    head = GET + HOST + b"Connection: Upgrade\r\nUpgrade: " + upgrade + b"\r\n\r\n"
    with caplog.at_level(logging.WARNING, "uvicorn.error"):
        async with serving(app) as port, asyncio.timeout(30):
            [*answers] = await exchange(port, head + GET + LAST + b"\r\n")

    assert [answer.status for answer in answers] == [200, 200]
    assert [line["event"] for line in log_lines()] == ["request", "request"]
    assert caplog.text == ""
