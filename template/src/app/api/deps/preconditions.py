"""Conditional requests: `If-Match` and `If-None-Match`."""

from collections.abc import Sequence
from http import HTTPMethod, HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BeforeValidator, WithJsonSchema

from app.core.http.preconditions import (
    ENTITY_TAGS,
    NotModified,
    Preconditions,
    entity_tag,
    parse_entity_tags,
)

# A client may send the header in several lines (RFC 9110 5.3). OpenAPI describes it as one string,
# because client generators do not support lists in headers.
EntityTags = Annotated[
    Sequence[str] | None,
    BeforeValidator(parse_entity_tags),
    WithJsonSchema({"type": "string", "pattern": ENTITY_TAGS, "examples": [entity_tag(1)]}),
]
IfMatch = Annotated[
    EntityTags,
    Header(
        alias="If-Match",
        description="Process the request only if the current version is in this list.",
    ),
]
IfNoneMatch = Annotated[
    EntityTags,
    Header(
        alias="If-None-Match",
        description="Process the request only if the current version is not in this list.",
    ),
]


async def get_preconditions(
    request: Request, if_match: IfMatch = None, if_none_match: IfNoneMatch = None
) -> Preconditions:
    """Return the conditional headers of the request."""
    is_read = request.method == HTTPMethod.GET
    return Preconditions(if_match or (), if_none_match or (), is_read)


PreconditionsDep = Annotated[Preconditions, Depends(get_preconditions)]


async def answer_not_modified(_request: Request, error: NotModified) -> Response:
    """Respond with 304, because the caller has the current version."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": error.etag})
