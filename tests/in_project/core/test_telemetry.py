"""Traces, and the data that they must not contain."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator, Iterator

import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import func, select, text

from app.api.deps import DbReads, DbSession, HttpClient
from app.core.observability import telemetry
from app.core.observability.telemetry import RedactingExporter, flush, tracer_provider, untraced
from tests.clients import client_of
from tests.conftest import MakeApp
from tests.logs import LogLines

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
TRACED = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
LEAK = "unguessable"


@pytest.fixture(scope="module")
def collector() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    tracer_provider().add_span_processor(SimpleSpanProcessor(RedactingExporter(exporter)))
    return exporter


@pytest.fixture
def spans(collector: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    """The spans that are sent to the collector during a test."""
    collector.clear()
    yield collector
    collector.clear()


class Upstream:
    """A server that records the calls of the service."""

    def __init__(self) -> None:
        self.heard = b""

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.heard += await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
async def url(upstream: Upstream) -> AsyncGenerator[str]:
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    yield f"http://user:{LEAK}@127.0.0.1:{server.sockets[0].getsockname()[1]}/path?key={LEAK}"
    server.close()


@pytest.fixture
async def app(url: str, make_app: MakeApp, own_database: str) -> FastAPI:
    """An application that calls the database and another service."""
    app = await make_app(database_url=own_database)

    @app.get("/ask/{number}")
    async def ask(number: int, session: DbSession, http_client: HttpClient) -> None:
        await session.execute(text("SELECT CAST(:value AS text)"), {"value": LEAK})
        await http_client.get(url)

    @app.get("/ask-untraced")
    async def ask_untraced(http_client: HttpClient) -> None:
        with untraced():
            await http_client.get(url)

    @app.get("/fail")
    async def fail(session: DbSession) -> None:
        await session.execute(text("SELECT CAST(:value AS text)::integer"), {"value": LEAK})

    return app


async def test_the_callers_trace_continues_in_statements_outgoing_calls_and_logs(
    app: FastAPI, spans: InMemorySpanExporter, upstream: Upstream, log_lines: LogLines
) -> None:
    """OBS-03"""
    response = await client_of(app).get("/ask/1", headers=TRACED)

    assert response.status_code == 200
    [statement, call, request] = spans.get_finished_spans()
    assert [request.name, statement.name, call.name] == ["GET /ask/{number}", "SELECT", "GET"]
    assert request.context
    assert {span.context and f"{span.context.trace_id:032x}" for span in (statement, call)} == {
        TRACE
    }
    assert [span.parent and span.parent.span_id for span in (request, statement, call)] == [
        *(int(SPAN, 16), request.context.span_id, request.context.span_id)
    ]
    assert f"traceparent: 00-{TRACE}-".encode() in upstream.heard.lower()
    [line] = [line for line in log_lines() if line["event"] == "request"]
    assert (line["trace_id"], line["span_id"]) == (TRACE, f"{request.context.span_id:016x}")


async def test_each_read_without_a_transaction_has_a_span(
    app: FastAPI, spans: InMemorySpanExporter
) -> None:
    """OBS-03"""
    statement = select(func.now().label("time"))

    @app.get("/time")
    async def read_time(reads: DbReads) -> None:
        for _ in range(4):
            await reads.fetch_one(statement, {})

    await client_of(app).get("/time", headers=TRACED)

    names = [span.name for span in spans.get_finished_spans()]
    assert names == [*(["SELECT"] * 4), "GET /time"]


@pytest.mark.parametrize("path", ["/ask/1", "/fail"])
async def test_traces_contain_no_secrets(
    app: FastAPI,
    spans: InMemorySpanExporter,
    upstream: Upstream,
    log_lines: LogLines,
    path: str,
) -> None:
    """OBS-05"""
    headers = TRACED | {"Authorization": f"Bearer {LEAK}", "Cookie": LEAK, "X-Api-Key": LEAK}
    odd = {"baggage": f"role={LEAK},{LEAK} {LEAK}", "tracestate": f"{LEAK} of no vendor"}

    await client_of(app).get(f"{path}?code={LEAK}", headers=headers | odd)

    told = [span.to_json() for span in spans.get_finished_spans()]
    assert len(told) >= 2
    assert [each for each in told if LEAK in each] == []
    assert LEAK not in str([line for line in log_lines() if line["level"] != "error"])
    assert b"baggage" not in upstream.heard.lower()


async def test_an_untraced_call_has_no_span_and_sends_no_traceparent(
    app: FastAPI, spans: InMemorySpanExporter, upstream: Upstream
) -> None:
    """OBS-05. Its URL can reveal a secret, such as a part of the hash of a password."""
    await client_of(app).get("/ask-untraced", headers=TRACED)

    assert [span.name for span in spans.get_finished_spans()] == ["GET /ask-untraced"]
    assert b"get /path" in upstream.heard.lower()
    assert b"traceparent" not in upstream.heard.lower()


async def test_requests_without_a_valid_trace_are_logged_with_a_new_trace_id(
    app: FastAPI, log_lines: LogLines
) -> None:
    for headers in ({}, {"traceparent": f"ff-{TRACE}-{SPAN}-01", "baggage": ",;="}):
        await client_of(app).get("/ask/1", headers=headers)

    ids = {line["trace_id"] for line in log_lines() if line["event"] == "request"}
    assert len(ids) == 2
    assert TRACE not in ids


@pytest.mark.parametrize("probe", ["/health", "/ready"])
async def test_probes_are_not_traced(app: FastAPI, spans: InMemorySpanExporter, probe: str) -> None:
    await client_of(app).get(probe, headers=TRACED)

    assert [span for span in spans.get_finished_spans() if span.name.startswith("GET")] == []


@pytest.mark.parametrize("sent", ["/shop", ""], ids=["kept", "removed"])
async def test_below_a_root_path_probes_are_not_traced_and_spans_have_the_route(
    make_app: MakeApp, spans: InMemorySpanExporter, sent: str
) -> None:
    client = client_of(await make_app(root_path="/shop"))

    for path in ("/health", "/ready", "/api/v1/users/me"):
        await client.get(f"{sent}{path}", headers=TRACED)

    names = [span.name for span in spans.get_finished_spans() if span.name.startswith("GET")]
    assert names == ["GET /api/v1/users/me"]


async def test_flushing_spans_times_out_if_the_collector_does_not_respond(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(telemetry, "FLUSH_SECONDS", 0.01)
    monkeypatch.setattr(tracer_provider(), "force_flush", answered.wait)

    await flush()  # would hang without a timeout

    answered.set()
