"""Renders every error as `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from slowapi.errors import RateLimitExceeded
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException

from app.core.db.engine import DatabaseUnavailableError
from app.core.db.sqlstate import sqlstate
from app.core.exceptions import (
    MAX_NAME_LENGTH,
    AppException,
    ForbiddenError,
    ServiceUnavailableError,
    ValidationError,
)
from app.core.observability.audit_log import AuditEvent, record
from app.core.outgoing.client import UPSTREAM_ERRORS
from app.core.validation import message_of

# Errors that are raised if the database, Redis or another service is unreachable, busy or slow.
# A bare `TimeoutError` or `ConnectionError` counts as a bug of this service.
UNAVAILABLE = (
    DatabaseUnavailableError,
    OperationalError,
    PoolTimeoutError,
    RedisConnectionError,
    RedisTimeoutError,
    *UPSTREAM_ERRORS,
)
# Prefixes of SQLSTATE codes with the same meaning, such as lost connections, read-only standbys and
# deadlocks.
UNAVAILABLE_STATES = ("08", "25006", "25P03", "3D", "40", "53", "55", "57")
# Titles from RFC 9110, which Python has had since 3.13.
TITLES = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}
MAX_ERRORS = 20


logger = structlog.get_logger(__name__)


class ProblemResponse(JSONResponse):
    """A problem as ASCII JSON, so that invalid text from a client cannot break the response."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as in the base class
        return json.dumps(content, allow_nan=False).encode()


def problem(
    request: Request,
    status: int,
    detail: str,
    *,
    error_code: str | None = None,
    headers: Mapping[str, str] | None = None,
    **extensions: Any,  # noqa: ANN401 - RFC 9457 3.2: any member
) -> ProblemResponse:
    """Return a problem for `request`, with its path and id.

    A route can add members to all of its problems: `request.state.add_problem_members` is a
    function that takes the problem and returns more members.
    """
    title = TITLES.get(status, HTTPStatus(status).phrase)
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": quote(request.url.path),
        "error_code": error_code or title.upper().replace(" ", "_"),
        "request_id": getattr(request.state, "request_id", None),
        **extensions,
    }
    if add_members := getattr(request.state, "add_problem_members", None):
        content = content | add_members(content) | extensions
    return ProblemResponse(content, status, headers=headers)


def add_problem_handlers(app: FastAPI) -> None:
    """Render every error that reaches `app` as a problem."""
    app.exception_handler(AppException)(_app_exception)
    app.exception_handler(HTTPException)(_http_exception)
    app.exception_handler(RequestValidationError)(_request_validation_error)
    app.exception_handler(RateLimitExceeded)(_rate_limit_exceeded)
    for error in UNAVAILABLE:
        app.exception_handler(error)(_unavailable)
    app.exception_handler(DBAPIError)(_database_error)


async def _app_exception(request: Request, error: AppException) -> ProblemResponse:
    if isinstance(error, ForbiddenError):
        record(AuditEvent.ACCESS_DENIED)
    return problem(
        request,
        error.status_code,
        error.detail,
        error_code=error.error_code,
        headers=error.headers,
        **error.extensions,
    )


async def _http_exception(request: Request, error: HTTPException) -> ProblemResponse:
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_of_path(request))) or headers.get("Allow", "")
    return problem(request, error.status_code, str(error.detail), headers=headers)


def _methods_of_path(request: Request) -> set[str]:
    """Return all methods of the request's path (RFC 9110 15.5.6).

    Starlette's `Allow` header lists the methods of one route only. The loop over all routes is
    slow, but runs only for requests that have failed.
    """
    methods: set[str] = set()
    path = get_route_path(request.scope)
    for route in iter_route_contexts(request.app.routes):
        if route.methods and route.path_regex.match(path):
            methods |= route.methods
    return methods | {"HEAD"} if "GET" in methods else methods  # see `HeadMiddleware`


async def _rate_limit_exceeded(request: Request, error: RateLimitExceeded) -> ProblemResponse:
    window = error.limit.limit.get_expiry() if error.limit else 60
    seconds = getattr(request.state, "retry_after", window)
    detail = f"Too many requests: the limit is {error.detail}. Retry after {seconds} seconds."
    record(AuditEvent.RATE_LIMIT_EXCEEDED, scope=error.limit.scope if error.limit else None)
    return problem(request, error.status_code, detail, headers={"Retry-After": str(seconds)})


async def _unavailable(request: Request, error: Exception) -> ProblemResponse:
    logger.warning("unavailable", error=repr(error))
    detail = "The service is overloaded, or a server that it needs is unavailable. Try again later."
    return await _app_exception(request, ServiceUnavailableError(detail))


async def _database_error(request: Request, error: DBAPIError) -> ProblemResponse:
    """Return 503 if the database is unreachable, busy or stopping; raise other errors again."""
    state = sqlstate(error)
    # The connection is lost if SQLAlchemy has marked it as invalid, or if asyncpg raised an
    # internal error without SQLSTATE, because the server closed the connection during a statement.
    # Other errors without SQLSTATE are bugs, such as two tasks that share a session.
    is_lost = error.connection_invalidated or (isinstance(error, InternalError) and not state)
    if is_lost or state.startswith(UNAVAILABLE_STATES):
        return await _unavailable(request, error)
    raise error


async def _request_validation_error(
    request: Request, error: RequestValidationError
) -> ProblemResponse:
    return problem(
        request,
        getattr(request.state, "status_of_invalid", ValidationError.status_code),
        "The request is not valid. See `errors`.",
        error_code=ValidationError.error_code,
        errors=_without_input(error.errors()),
    )


def _without_input(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Keep the location and message of each error; drop the input, which may be a password."""
    return [
        {
            "loc": [str(part)[:MAX_NAME_LENGTH] for part in error["loc"]],
            "message": message_of(error),
            "type": error["type"],
        }
        for error in errors[:MAX_ERRORS]
    ]
