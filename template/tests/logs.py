"""The log lines of a test."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Any

from app.core.observability.logging import configure_logging

LogLines = Callable[[], list[dict[str, Any]]]


def log_to_pytest() -> None:
    """Log as in production, but only to pytest, which prints the lines of failed tests."""
    configure_logging("info", "json")
    logging.getLogger().handlers.clear()


@contextmanager
def captured_lines() -> Iterator[LogLines]:
    """Log as in production, but to memory; yield the lines, parsed from JSON."""
    stream = StringIO()
    with redirect_stdout(stream):
        configure_logging("info", "json")
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        log_to_pytest()
