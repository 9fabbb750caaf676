"""Gives all log lines of the process one format, including those of libraries."""

import logging.config
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from app.core.observability.log_lines import LineHandler, add_timestamp, render_json, write_line

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    add_timestamp,
]

# Servers get no handlers of their own; the root logger writes their lines.
TO_ROOT = {"handlers": [], "propagate": True}
SILENT = {"handlers": [], "propagate": False}
WARNINGS = {"level": "WARNING"}
LOGGERS = {
    "gunicorn.error": TO_ROOT,
    "uvicorn": TO_ROOT,
    "uvicorn.error": TO_ROOT,
    # The service's own request log has the same information and more.
    "gunicorn.access": SILENT,
    "uvicorn.access": SILENT,
    # Lines of these libraries contain whole URLs and headers, which may contain secrets.
    "httpx": WARNINGS,
    "httpcore": WARNINGS,
}


def logging_config(level: str, log_format: str) -> dict[str, Any]:
    """Return the configuration of `logging`, for this process or for gunicorn."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "default": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _processors(log_format),
                "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder(), _drop_color_message],
            }
        },
        "handlers": {
            "default": {
                "()": logging.StreamHandler if log_format == "console" else LineHandler,
                "formatter": "default",
                "stream": "ext://sys.stdout",
            }
        },
        "root": {"level": level.upper(), "handlers": ["default"]},
        "loggers": LOGGERS,
    }


def configure_logging(level: str, log_format: str) -> None:
    """Send all lines to standard output in one format: `json`, or `console` for people."""
    logging.config.dictConfig(logging_config(level, log_format))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.StackInfoRenderer(),
            write_line,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _drop_color_message(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Drop the colored copy of a message that uvicorn adds for terminals."""
    event.pop("color_message", None)
    return event


def _processors(log_format: str) -> list[Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if log_format == "console":
        return [
            remove,
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(),
                repr_native_str=True,  # escapes control characters that a client sent
                # The default formatter shows local variables, which may contain passwords.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    return [remove, structlog.processors.format_exc_info, render_json]
