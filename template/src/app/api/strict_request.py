"""Requests whose text is UTF-8, and whose JSON is JSON, or which are refused."""

import json
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from fastapi import HTTPException, Request
from starlette.datastructures import QueryParams


class StrictRequest(Request):
    """A request that is read as the standards have it (RFC 8259, RFC 3986).

    Python would guess UTF-16 and UTF-32, take NaN for a number, and replace what is no text.
    """

    @property
    def query_params(self) -> QueryParams:
        """The parameters; `HTTPException` if they are not UTF-8."""
        query: bytes = self.scope["query_string"]
        if b"%" in query and not _is_utf8(unquote_to_bytes(query)):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "The query must be UTF-8.")
        return super().query_params

    async def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """Return what the body says; raise `ValueError` if it is not JSON in UTF-8."""
        if not hasattr(self, "_json"):
            text = (await self.body()).decode()
            self._json = json.loads(text, parse_constant=_refuse)
        return self._json


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is no number", constant, 0)
