"""Requests whose text is UTF-8, and whose JSON is JSON, or which are refused."""

import json
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from fastapi import HTTPException, Request
from starlette._utils import AwaitableOrContextManager
from starlette.datastructures import FormData, QueryParams

from app.core.http.middleware.body_limit import receive_at_most
from app.core.json.limits import MAX_DEPTH, MAX_VALUES, is_within_limits

MAX_FORM_BYTES = 8192
MAX_FORM_FIELDS = 20


class StrictRequest(Request):
    """A request that is read as the standards have it (RFC 8259, RFC 3986).

    Python would guess UTF-16 and UTF-32, take NaN for a number, and replace what is no text. A body
    that takes long to parse is refused first: no other request is served then (CWE-400).
    """

    max_json_values = MAX_VALUES

    @property
    def query_params(self) -> QueryParams:
        """The parameters; `HTTPException` if they are not UTF-8."""
        query: bytes = self.scope["query_string"]
        if b"%" in query and not _is_utf8(unquote_to_bytes(query)):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "The query must be UTF-8.")
        return super().query_params

    def form(
        self,
        *,
        max_files: float = 0,
        max_fields: float = MAX_FORM_FIELDS,
        max_part_size: int = MAX_FORM_BYTES,
    ) -> AwaitableOrContextManager[FormData]:
        """Return the form; raise `HTTPException` if it is malformed or exceeds a limit.

        `max_part_size` bytes are the limit of a whole form, except where files are allowed: then
        each field of a multipart form may have as many.
        """
        if not (max_files and self._is_multipart()):
            self._receive = receive_at_most(max_part_size, self._receive, drain=True)
        return super().form(max_files=max_files, max_fields=max_fields, max_part_size=max_part_size)

    async def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """Return what the body says; raise `ValueError` if it is not JSON in UTF-8.

        Raise `HTTPException` if it exceeds `MAX_DEPTH` levels or the request's number of values.
        """
        if not hasattr(self, "_json"):
            body = await self.body()
            if not is_within_limits(body, self.max_json_values):
                raise HTTPException(HTTPStatus.BAD_REQUEST, self._json_limits())
            self._json = json.loads(body.decode(), parse_constant=_refuse)
        return self._json

    def _is_multipart(self) -> bool:
        return self.headers.get("content-type", "").lower().startswith("multipart/")

    def _json_limits(self) -> str:
        values = self.max_json_values
        return f"The JSON must have {MAX_DEPTH} levels and {values} values or less."


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is no number", constant, 0)
