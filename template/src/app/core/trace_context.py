"""The trace that a caller began, for what is called in turn (W3C Trace Context)."""

import re
from contextvars import ContextVar

# 3.2: a version but ff, a trace and a span that are not all zeros.
TRACE_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

trace_parent: ContextVar[str | None] = ContextVar("trace_parent", default=None)


def continue_trace(sent: str) -> str | None:
    """Take over the `traceparent` that was sent, if it is one, and return its trace's id."""
    match = TRACE_PARENT.fullmatch(sent)
    trace_parent.set(None if match is None else sent)
    return None if match is None else match["trace_id"]
