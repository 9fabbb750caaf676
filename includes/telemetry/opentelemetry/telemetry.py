"""Sends traces of requests, statements and outgoing calls to the collector set in OTEL_*."""

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from threading import Thread

from anyio import to_thread
from fastapi.telemetry import TelemetryConfig
from httpx import AsyncClient
from opentelemetry import metrics, propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer
from opentelemetry.instrumentation.utils import suppress_http_instrumentation
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import Status
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from sqlalchemy.ext.asyncio import AsyncEngine

from app import project

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
# Shorter than LIFESPAN_SECONDS, within which a stopping worker must end its lifespan.
FLUSH_SECONDS = 3
# Probes arrive every few seconds and belong to no user.
PROBES = ("/health", "/ready")


class RedactingExporter(SpanExporter):
    """Removes URL queries and error messages from spans: both may contain secrets (ASVS 16.2.5)."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_redact(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()


@lru_cache
def tracer_provider() -> TracerProvider:
    """Return the provider of the process. If no collector is set, it only forwards traces."""
    # The default propagator also forwards the caller's baggage, and logs baggage that it cannot
    # parse.
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    logging.getLogger("opentelemetry.trace").setLevel(logging.ERROR)
    name = Resource({SERVICE_NAME: project.SLUG})
    is_sent = any(os.environ.get(endpoint) for endpoint in ENDPOINTS)
    provider = TracerProvider(
        resource=Resource.create().merge(name).merge(OTELResourceDetector().detect()),
        sampler=None if is_sent else ParentBased(ALWAYS_OFF),
        shutdown_on_exit=False,  # the exit handler would wait longer than `flush`
    )
    if is_sent:
        # A background thread sends the spans: requests do not wait, and spans may be lost.
        exporter = RedactingExporter(OTLPSpanExporter())
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def telemetry_config(root_path: str) -> TelemetryConfig:
    """Return a configuration for traces without error logs, which may contain secrets."""
    return {
        "tracer_provider": tracer_provider(),
        "operation_spans": False,
        "metrics": False,
        "logs": False,
        "exclude": lambda scope: scope["path"].removeprefix(root_path) in PROBES,
    }


def watch(engine: AsyncEngine, client: AsyncClient) -> None:
    """Trace the calls of a client, and the statements of an engine without their parameters."""
    provider = tracer_provider()
    # EngineTracer requires a counter of connections. This one records nothing, because Prometheus
    # already has the metrics of the pool.
    unread = metrics.NoOpMeterProvider().get_meter(__name__).create_up_down_counter("connections")
    tracer = provider.get_tracer("sqlalchemy")
    EngineTracer(tracer, engine.sync_engine, unread)  # type: ignore[no-untyped-call]
    HTTPXClientInstrumentor.instrument_client(client, tracer_provider=provider)


async def flush() -> None:
    """Send the remaining spans; wait at most `FLUSH_SECONDS` for the collector."""
    sending = Thread(target=tracer_provider().force_flush, daemon=True)
    sending.start()
    await to_thread.run_sync(sending.join, FLUSH_SECONDS)


def trace_ids(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the trace id and the span id of a request, for its log lines."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:  # not traced here, but possibly part of a caller's trace
        span = trace.get_current_span(propagate.extract(headers)).get_span_context()
        return {"trace_id": trace.format_trace_id(span.trace_id)} if span.is_valid else {}
    return {
        "trace_id": trace.format_trace_id(span.trace_id),
        "span_id": trace.format_span_id(span.span_id),
    }


def trace_headers() -> dict[str, str]:
    """Return no headers, because traced calls already forward the trace."""
    return {}


def untraced() -> AbstractContextManager[None]:
    """Neither trace calls nor forward a trace within this context."""
    return suppress_http_instrumentation()


def _redact(span: ReadableSpan) -> ReadableSpan:
    attributes = {name: _without_query(value) for name, value in (span.attributes or {}).items()}
    attributes.pop("url.query", None)
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_query(value: AttributeValue) -> AttributeValue:
    """Remove the query of a URL."""
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return value.partition("?")[0]
    return value
