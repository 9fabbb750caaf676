"""Responses to requests that the protocol refuses: malformed, too large or too slow ones."""

from http import HTTPStatus
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request
from uvicorn._types import HTTPScope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.core.http.middleware.metrics import UNMATCHED
from app.core.http.middleware.security_headers import SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY
from app.core.http.problems import problem

logger = structlog.get_logger("app.core.serving.protocol")  # log searches use this name


def refusal(
    protocol: HttpToolsProtocol, status: HTTPStatus, detail: str, begun: HTTPScope | None
) -> bytes:
    """Return the response to a refused request, after logging and counting the request.

    If the application has begun to handle the request, the application logs and counts it.
    """
    request_id = str(uuid4())
    if begun is None:
        _note(protocol, status, detail, request_id)
    else:
        request_id = _shared_id(begun, request_id)
    state = {"request_id": request_id}
    request = Request({"type": "http", "path": "", "headers": [], "state": state})
    response = problem(request, status, detail)
    headers = [
        *protocol.server_state.default_headers,
        *response.raw_headers,
        *SECURITY_HEADERS,
        STRICT_TRANSPORT_SECURITY,
        (b"x-request-id", request_id.encode()),
        (b"connection", b"close"),
    ]
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join([STATUS_LINE[status], *lines, b"\r\n", response.body])


def _note(protocol: HttpToolsProtocol, status: HTTPStatus, detail: str, request_id: str) -> None:
    client = protocol.client[0] if protocol.client else None
    logger.warning(
        "refused", status=int(status), detail=detail, client=client, request_id=request_id
    )
    app = protocol.config.app
    if isinstance(app, FastAPI):
        app.state.resources.metrics.requests.labels("other", UNMATCHED, int(status)).inc()


def _shared_id(begun: HTTPScope, new: str) -> str:
    """Return the id that the application gave the request, or let the application use `new`."""
    if "request_id" not in begun["state"]:
        begun["headers"] = [(b"x-request-id", new.encode()), *begun["headers"]]
    return str(begun["state"].get("request_id", new))
