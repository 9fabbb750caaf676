"""Writes informational events as lines of JSON, without a `LogRecord` that nothing else reads."""

import logging
import time
from datetime import UTC, datetime
from functools import lru_cache
from json import JSONEncoder
from types import FunctionType
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

encode = JSONEncoder(default=str).encode


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes records, and lines that have no record."""

    def write_line(self, line: str) -> None:
        """Write a line by one call; report an error of the stream as for a record."""
        self.acquire()
        try:
            self.stream.write(line + self.terminator)
            self.stream.flush()
        except Exception:  # noqa: BLE001 - as in `StreamHandler.emit`
            self.handleError(logging.makeLogRecord({"msg": line}))
        finally:
            self.release()


def add_timestamp(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Add the time in UTC (RFC 3339), like structlog's `TimeStamper`, in a third of the time."""
    seconds, microseconds = divmod(time.time_ns() // 1000, 1_000_000)
    event["timestamp"] = f"{_second(seconds)}.{microseconds:06}Z"
    return event


def render_json(_logger: object, _method: str, event: EventDict) -> str:
    """Return an event as JSON. structlog's renderer would create an encoder for each event."""
    return encode(event)


# For these processors of a formatter, `write_line` writes the same line.
JSON: list[Processor] = [
    ProcessorFormatter.remove_processors_meta,
    structlog.processors.format_exc_info,
    render_json,
]


def write_line(logger: logging.Logger, method: str, event: EventDict) -> EventDict:
    """Write an informational event, and end its processing, if only a `LineHandler` would get it.

    The record would cost more than the line. Warnings, errors and events for any other handler,
    filter or formatter become records, as without this processor.
    """
    if method != "info" or "exc_info" in event or not (handler := _only_handler(logger)):
        return event
    try:
        line = render_json(logger, method, event)
    except Exception:  # noqa: BLE001 - the handler of the record reports it, and the caller goes on
        return event
    handler.write_line(line)
    raise structlog.DropEvent


def _only_handler(logger: logging.Logger) -> LineHandler | None:
    """Return the handler of a logger, unless other code would see or change its records."""
    handlers: list[logging.Handler] = []
    each: logging.Logger | None = logger
    while each is not None:
        handlers += each.handlers
        each = each.parent if each.propagate else None
    if len(handlers) != 1 or logger.filters or _is_traced():
        return None
    [handler] = handlers
    return handler if isinstance(handler, LineHandler) and _is_plain(handler) else None


def _is_plain(handler: LineHandler) -> bool:
    return (
        handler.level <= logging.INFO
        and not handler.filters
        and isinstance(handler.formatter, ProcessorFormatter)
        and handler.formatter.processors == JSON
    )


def _is_traced() -> bool:
    """Return whether a tool, such as Sentry or New Relic, has replaced `Logger.callHandlers`."""
    call = logging.Logger.callHandlers
    return type(call) is not FunctionType or call.__module__ != logging.__name__


@lru_cache(maxsize=1)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
