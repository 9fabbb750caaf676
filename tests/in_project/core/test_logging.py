"""Log lines of the application and of libraries, which have the same format."""

import json
import logging
from contextlib import redirect_stdout
from io import StringIO

import pytest
import structlog

from app.core.observability.logging import configure_logging
from tests.in_project.core.test_log_lines import service_log
from tests.logs import LogLines


def fail() -> None:
    password = "a secret in a variable"
    raise ValueError(f"one\n{len(password)}")


def test_application_and_library_log_lines_have_the_same_schema(log_lines: LogLines) -> None:
    """OBS-07"""
    structlog.get_logger("app.somewhere").warning("something", answer=42)
    for name in ("app.somewhere", "gunicorn.error", "uvicorn.error", "uvicorn", "sqlalchemy"):
        logging.getLogger(name).warning("something %s", "odd", extra={"answer": 42})

    lines = log_lines()
    assert [line["logger"] for line in lines] == [
        *("app.somewhere", "app.somewhere", "gunicorn.error"),
        *("uvicorn.error", "uvicorn", "sqlalchemy"),
    ]
    for line in lines:
        assert set(line) == {"event", "level", "logger", "timestamp", "answer"}
        assert line["level"] == "warning"
        assert line["answer"] == 42
        assert line["timestamp"].endswith("Z")
    assert {line["event"] for line in lines} == {"something", "something odd"}


def test_access_logs_of_gunicorn_and_uvicorn_are_suppressed(log_lines: LogLines) -> None:
    for name in ("gunicorn.access", "uvicorn.access"):
        logging.getLogger(name).info("GET /?token=secret")

    assert log_lines() == []


def test_the_color_message_of_uvicorn_is_not_logged(log_lines: LogLines) -> None:
    logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "\x1b[36mStarted"})

    [line] = log_lines()
    assert set(line) == {"event", "level", "logger", "timestamp"}


def test_all_loggers_include_the_request_id(log_lines: LogLines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="a1b2c3d4"):
        structlog.get_logger("app").info("ours")
        logging.getLogger("elsewhere").info("theirs")

    assert [line["request_id"] for line in log_lines()] == ["a1b2c3d4"] * 2


def test_an_exception_is_logged_as_one_line(log_lines: LogLines) -> None:
    """OBS-04"""
    for logger in (structlog.get_logger("app"), logging.getLogger("elsewhere")):
        try:
            fail()
        except ValueError:
            logger.exception("failed")

    for line in log_lines():
        assert line["event"] == "failed"
        assert line["exception"].startswith("Traceback (most recent call last):\n")
        assert line["exception"].endswith("ValueError: one\n22")
    assert len(log_lines()) == 2


def test_values_without_a_json_type_are_logged_as_text(log_lines: LogLines) -> None:
    structlog.get_logger("app").info("odd", at={1}, half="\ud800")

    [line] = log_lines()
    assert line["at"] == "{1}"
    assert line["half"] == "\ud800"


def test_messages_below_the_log_level_are_suppressed(log_lines: LogLines) -> None:
    structlog.get_logger("app.elsewhere").debug("detail")
    logging.getLogger("elsewhere").debug("detail")

    assert log_lines() == []


@pytest.mark.usefixtures("log_lines")
def test_the_console_format_omits_local_variables_and_escape_codes() -> None:
    """OBS-04, OBS-05"""
    stream = StringIO()
    with redirect_stdout(stream):
        configure_logging("info", "console")
    try:
        fail()
    except ValueError:
        logging.getLogger("elsewhere").exception("failed")
    structlog.get_logger("elsewhere").info("request", path="/\x1b[2J")

    logged = stream.getvalue()
    assert "failed" in logged
    assert "ValueError: one\n22" in logged
    assert "a secret in a variable" not in logged
    assert "\x1b[2J" not in logged  # which would clear the terminal
    with pytest.raises(json.JSONDecodeError):
        json.loads(logged)


def test_a_value_that_json_cannot_hold_raises_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It is reported in place of the line, for informational events as for others."""
    for write in (structlog.get_logger("app").info, structlog.get_logger("app").warning):
        with service_log() as stream:
            write("lost", value={(1, 2): 3})

        assert stream.getvalue() == ""
        assert "keys must be str" in capsys.readouterr().err
