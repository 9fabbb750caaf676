"""How a page leads to the next."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Response


async def get_link_next(request: Request, response: Response) -> Callable[[str | None], None]:
    """Return what links the answer to the next page, by a path, whatever the host (RFC 8288)."""

    def link_next(cursor: str | None) -> None:
        if cursor is not None:
            url = request.url.include_query_params(cursor=cursor)
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'

    return link_next


LinkNext = Annotated[Callable[[str | None], None], Depends(get_link_next)]
