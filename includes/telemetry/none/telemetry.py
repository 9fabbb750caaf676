"""Forwards the trace of a request to other services; exports no traces."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from fastapi.telemetry import TelemetryConfig

# W3C Trace Context 3.2: any version except ff, and neither id consists of zeros only.
TRACE_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

trace_parent: ContextVar[str | None] = ContextVar("trace_parent", default=None)


def telemetry_config(_root_path: str) -> TelemetryConfig:
    """Return a configuration that keeps FastAPI from looking for a tracer at each request."""
    return {"tracing": False, "metrics": False, "logs": False}


def trace_ids(headers: Mapping[str, str]) -> dict[str, str]:
    """Continue the trace of the caller, and return the trace id for the log lines."""
    sent = headers.get("traceparent", "")
    trace = TRACE_PARENT.fullmatch(sent)
    trace_parent.set(sent if trace else None)
    return {"trace_id": trace["trace_id"]} if trace else {}


def trace_headers() -> dict[str, str]:
    """Return the headers that continue the trace in another service."""
    sent = trace_parent.get()
    return {} if sent is None else {"traceparent": sent}


@contextmanager
def untraced() -> Iterator[None]:
    """Forward no trace within this context."""
    token = trace_parent.set(None)
    try:
        yield
    finally:
        trace_parent.reset(token)
