"""Logs and metrics of requests that the protocol refuses."""

import asyncio
import logging

import pytest
from fastapi import FastAPI

from app.core.serving import protocol
from app.core.serving.protocol import MAX_HEAD_BYTES, MAX_TARGET_BYTES
from tests.in_project.raw_http import GET, HOST, LAST, exchange, read_answers, serving
from tests.in_project.serving.test_protocol import CHUNKED
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
    before = app.state.resources.metrics.requests.labels(*labels)._value.get()
    async with serving(app) as port:
        [answer] = await exchange(port, sent)

    [line] = [line for line in log_lines() if line.get("logger") != "asyncio"]
    assert (line["event"], line["status"], line["client"]) == ("refused", status, "127.0.0.1")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert app.state.resources.metrics.requests.labels(*labels)._value.get() == before + 1


@pytest.mark.parametrize("wait", [False, True])
async def test_a_request_with_a_malformed_body_is_logged_and_counted_once(
    app: FastAPI, log_lines: LogLines, wait: bool
) -> None:
    """OBS-01, OBS-06, OBS-08"""
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    before = number_of_requests(app)
    async with serving(app) as port, asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + (b"" if wait else b"zz\r\n"))
        if wait:
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"zz\r\n")
        [answer] = read_answers(await reader.read())
        writer.close()

    [line] = log_lines()
    assert (line["status"], line["client"]) == (answer.status, "127.0.0.1")
    assert line["request_id"] == answer.headers["x-request-id"] == answer.body["request_id"]
    assert number_of_requests(app) == before + 1


def number_of_requests(app: FastAPI) -> float:
    """Return the number of requests that were counted, with any labels."""
    [metric] = app.state.resources.metrics.requests.collect()
    return float(sum(each.value for each in metric.samples if each.name.endswith("_total")))


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
async def test_an_upgrade_request_is_logged_like_any_other(
    app: FastAPI, log_lines: LogLines, caplog: pytest.LogCaptureFixture, upgrade: bytes
) -> None:
    """RFC 9110 7.8. By default, uvicorn logs advice to install a library."""
    head = GET + HOST + b"Connection: Upgrade\r\nUpgrade: " + upgrade + b"\r\n\r\n"
    with caplog.at_level(logging.WARNING, "uvicorn.error"):
        async with serving(app) as port, asyncio.timeout(30):
            [*answers] = await exchange(port, head + GET + LAST + b"\r\n")

    assert [answer.status for answer in answers] == [200, 200]
    assert [line["event"] for line in log_lines()] == ["request", "request"]
    assert caplog.text == ""
