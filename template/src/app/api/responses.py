"""Descriptions of response headers for OpenAPI."""

from http import HTTPStatus
from typing import Any

Responses = dict[int | str, dict[str, Any]]

TEXT = {"type": "string"}
ETAG = {"ETag": {"description": "The version, for `If-Match` and `If-None-Match`.", "schema": TEXT}}
LOCATION = {"Location": {"description": "The path of the new resource.", "schema": TEXT}}
NEXT = {"Link": {"description": "The path of the next page, as `rel=next`.", "schema": TEXT}}
REPLAYED = {
    "Idempotency-Replayed": {
        "description": "`true` if this is a replay of the response to an earlier request with "
        "the same key.",
        "schema": TEXT,
    }
}

CREATED_ONCE: Responses = {HTTPStatus.CREATED: {"headers": LOCATION | ETAG | REPLAYED}}
CREATED_UNVERSIONED: Responses = {HTTPStatus.CREATED: {"headers": LOCATION | REPLAYED}}
PAGED: Responses = {HTTPStatus.OK: {"headers": NEXT}}
VERSIONED: Responses = {HTTPStatus.OK: {"headers": ETAG}}
VERSIONED_READ: Responses = VERSIONED | {
    HTTPStatus.NOT_MODIFIED: {
        "description": "The client already has the current version.",
        "headers": ETAG,
    }
}
