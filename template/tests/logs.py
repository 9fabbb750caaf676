"""The log lines of a test."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Any

from app.core.observability.logging import configure_logging

LogLines = Callable[[], list[dict[str, Any]]]


@contextmanager
def captured_lines() -> Iterator[LogLines]:
    """Log as in production, but to memory; yield the lines, parsed from JSON."""
    stream = StringIO()
    with redirect_stdout(stream):
        configure_logging("info", "json")
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        configure_logging("info", "json")
