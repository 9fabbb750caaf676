"""Which part of a list is asked for."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.schemas.base import PLAIN_INT

PageLimit = Annotated[int, Field(ge=1, le=100), PLAIN_INT, Query(description="How many at most.")]
PageCursor = Annotated[
    str | None, Query(max_length=200, description="Where to go on: a `next_cursor`.")
]
# Deeper than any person turns pages, and as deep as the database should have to count.
PageOffset = Annotated[
    int,
    Field(ge=0, le=100_000),
    PLAIN_INT,
    Query(description="How many to leave out before."),
]
