"""The link to the next page."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Response


async def get_link_next(request: Request, response: Response) -> Callable[[str | None], None]:
    """Return a function that adds a `Link` header with the path of the next page (RFC 8288)."""

    def link_next(cursor: str | None) -> None:
        if cursor is not None:
            url = request.url.include_query_params(cursor=cursor)
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'

    return link_next


LinkNext = Annotated[Callable[[str | None], None], Depends(get_link_next)]
