"""Log lines without a record, which are written unless other code would see the record."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Any

import pytest
import structlog

from app.core.observability.log_lines import LineHandler
from app.core.observability.logging import configure_logging
from tests.logs import log_to_pytest

Listen = Callable[[pytest.MonkeyPatch], object]

logger = structlog.get_logger("app.lines")
stdlib = logging.getLogger("app.lines")


class Records(logging.Handler):
    """Collects records, as a handler of an owner would."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.events.append(record.msg)


@contextmanager
def service_log(log_format: str = "json") -> Iterator[StringIO]:
    """Log as in production, also without the handlers that pytest adds before each test."""
    stream, root = StringIO(), logging.getLogger()
    before = root.handlers[:]
    with redirect_stdout(stream):
        configure_logging("info", log_format)
    try:
        yield stream
    finally:
        log_to_pytest()
        root.handlers[:] = before


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """The records that `logging` creates."""
    created: list[logging.LogRecord] = []

    def create(name: str | None, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = logging.LogRecord(name, *args, **kwargs)  # type: ignore[arg-type]
        if name is not None:  # not a copy by structlog's formatter
            created.append(record)
        return record

    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(create)
    yield created
    logging.setLogRecordFactory(before)


def own_handler() -> logging.Handler:
    [handler] = logging.getLogger().handlers
    assert isinstance(handler, LineHandler)
    return handler


def accept(_: logging.LogRecord) -> bool:
    return True


def add_filter_to_handler(_: pytest.MonkeyPatch) -> None:
    own_handler().addFilter(accept)


def add_filter_to_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdlib, "filters", [accept])


def add_root_handler(_: pytest.MonkeyPatch) -> None:
    logging.getLogger().addHandler(Records())


def add_logger_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdlib, "handlers", [Records()])


def replace_call_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    original = logging.Logger.callHandlers

    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        original(self, record)

    monkeypatch.setattr(logging.Logger, "callHandlers", call_handlers)


def lines_of(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_informational_event_is_written_without_a_record(
    records: list[logging.LogRecord],
) -> None:
    with service_log() as stream:
        logger.info("first", answer=42)
        logger.warning("second")

    assert [line["event"] for line in lines_of(stream)] == ["first", "second"]
    assert [record.levelname for record in records] == ["WARNING"]


@pytest.mark.parametrize(
    "listen",
    [
        add_filter_to_handler,
        add_filter_to_logger,
        add_root_handler,
        add_logger_handler,
        replace_call_handlers,
    ],
)
def test_code_that_listens_to_records_gets_them(
    records: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch, listen: Listen
) -> None:
    with service_log() as stream:
        listen(monkeypatch)
        logger.info("seen", answer=42)

    [record] = records
    assert isinstance(record.msg, dict)
    assert record.msg["answer"] == 42
    assert [line["event"] for line in lines_of(stream)] == ["seen"]


@pytest.mark.parametrize(
    "values",
    [
        {"method": "GET", "path": '/x"\n\x1b[31m\x9b', "status": 200, "duration_ms": 0.25},
        {"huge": 10**30, "inf": float("inf"), "yes": True, "none": None, "list": [1, {"a": "b"}]},
        {"set": {1}, "half": "\ud800", "accent": "é", "stack_info": False},
    ],
)
def test_a_line_without_a_record_is_the_same_as_that_of_a_record(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    """OBS-04, OBS-07"""
    monkeypatch.setattr(time, "time_ns", lambda: 1_800_000_000_000_042_000)
    context = structlog.contextvars.bound_contextvars(request_id="a1b2c3d4", bound="later")
    with service_log() as stream, context:
        logger.info("request", **values)
        add_root_handler(monkeypatch)
        logger.info("request", **values)

    direct, recorded = stream.getvalue().splitlines()
    assert direct == recorded
    line = json.loads(direct)
    assert (line["request_id"], line["bound"]) == ("a1b2c3d4", "later")
    assert line["timestamp"] == "2027-01-15T08:00:00.000042Z"
    assert direct == json.dumps(line)


def test_an_informational_event_with_an_exception_has_its_traceback() -> None:
    with service_log() as stream:
        logger.info("failed", exc_info=ValueError("why"))

    [line] = lines_of(stream)
    assert line["exception"].endswith("ValueError: why")


def test_the_level_of_the_handler_applies_to_lines_without_a_record() -> None:
    with service_log() as stream:
        own_handler().setLevel(logging.WARNING)
        logger.info("hidden")

    assert stream.getvalue() == ""


def test_a_stream_that_cannot_be_written_does_not_fail_the_caller(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with service_log() as stream:
        stream.close()
        logger.info("lost")

    assert "I/O operation on closed file" in capsys.readouterr().err


def test_the_console_format_writes_records(records: list[logging.LogRecord]) -> None:
    with service_log("console") as stream:
        logger.info("readable", answer=42)

    assert len(records) == 1
    assert "answer=42" in stream.getvalue()
