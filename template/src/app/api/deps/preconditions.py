"""Conditional requests: `If-Match` and `If-None-Match`."""

from collections.abc import Sequence
from http import HTTPMethod, HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BeforeValidator, Field

from app.core.http.preconditions import (
    ANY,
    ENTITY_TAG,
    NotModified,
    Preconditions,
    parse_entity_tags,
)

EntityTags = Annotated[
    Sequence[Annotated[str, Field(pattern=rf"^(?:\{ANY}|{ENTITY_TAG})$")]],
    BeforeValidator(parse_entity_tags),
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
    request: Request, if_match: IfMatch = (), if_none_match: IfNoneMatch = ()
) -> Preconditions:
    """Return the conditional headers of the request."""
    return Preconditions(if_match, if_none_match, is_read=request.method == HTTPMethod.GET)


PreconditionsDep = Annotated[Preconditions, Depends(get_preconditions)]


async def answer_not_modified(_request: Request, error: NotModified) -> Response:
    """Respond with 304, because the caller has the current version."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": error.etag})
