"""The link to the next page."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response

# The characters that need no encoding in a path (RFC 3986 3.3).
PATH = "/:@!$&'()*+,;="


async def get_link_next(request: Request, response: Response) -> Callable[[str | None], None]:
    """Return a function that adds a `Link` header with the path of the next page (RFC 8288)."""

    def link_next(cursor: str | None) -> None:
        if cursor is not None:
            # `URL.include_query_params` would parse and build the URL several times.
            sent = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
            path, query = quote(request.scope["path"], PATH), urlencode([*sent, ("cursor", cursor)])
            response.headers["Link"] = f'<{path}?{query}>; rel="next"'

    return link_next


LinkNext = Annotated[Callable[[str | None], None], Depends(get_link_next)]
