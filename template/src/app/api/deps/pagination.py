"""Which part of a list is asked for."""

from typing import Annotated

from fastapi import Query

from app.schemas.base import PlainInt

PageLimit = Annotated[PlainInt, Query(ge=1, le=100, description="How many at most.")]
PageCursor = Annotated[
    str | None, Query(max_length=200, description="Where to go on: a `next_cursor`.")
]
# Deeper than any person turns pages, and as deep as the database should have to count.
PageOffset = Annotated[
    PlainInt, Query(ge=0, le=100_000, description="How many to leave out before.")
]
