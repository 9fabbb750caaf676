"""On which version of something a request is wanted."""

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
    EntityTags, Header(alias="If-Match", description="Only if it is one of these versions.")
]
IfNoneMatch = Annotated[
    EntityTags, Header(alias="If-None-Match", description="Only if it is none of these versions.")
]


async def get_preconditions(
    request: Request, if_match: IfMatch = (), if_none_match: IfNoneMatch = ()
) -> Preconditions:
    """Return what the request's headers ask for."""
    return Preconditions(if_match, if_none_match, is_read=request.method == HTTPMethod.GET)


PreconditionsDep = Annotated[Preconditions, Depends(get_preconditions)]


async def answer_not_modified(_request: Request, error: NotModified) -> Response:
    """Say that the caller has it already."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": error.etag})
