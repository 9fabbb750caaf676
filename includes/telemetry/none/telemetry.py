"""Which request of a distributed trace this is; the service itself reports to nobody."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from fastapi.telemetry import TelemetryConfig

# W3C Trace Context 3.2: a version but ff, a trace and a span that are not all zeros.
TRACE_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

trace_parent: ContextVar[str | None] = ContextVar("trace_parent", default=None)


def telemetry_config() -> TelemetryConfig:
    """Keep FastAPI from looking, at each request, for somebody to report to."""
    return {"tracing": False, "metrics": False, "logs": False}


def trace_ids(headers: Mapping[str, str]) -> dict[str, str]:
    """Take over the trace that a caller began, and return its id for the log lines."""
    sent = headers.get("traceparent", "")
    trace = TRACE_PARENT.fullmatch(sent)
    trace_parent.set(sent if trace else None)
    return {"trace_id": trace["trace_id"]} if trace else {}


def trace_headers() -> dict[str, str]:
    """Return what tells the trace to whomever is called."""
    sent = trace_parent.get()
    return {} if sent is None else {"traceparent": sent}


@contextmanager
def untraced() -> Iterator[None]:
    """Tell of no trace meanwhile."""
    token = trace_parent.set(None)
    try:
        yield
    finally:
        trace_parent.reset(token)
