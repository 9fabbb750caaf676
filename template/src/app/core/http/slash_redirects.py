"""Redirects to a path with or without a slash at its end."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

# The characters of a query that are not encoded, because they are its syntax or encoded already.
QUERY = "%!$&'()*+,-./:;=?@_~"


def add_slash_redirects(app: FastAPI) -> None:
    """Redirect an unknown path to a known one with or without slashes at its end.

    The redirects of Starlette are absolute, with the scheme and the host of the connection, which
    may be those of a proxy. These redirects contain only a path.
    """
    respond_not_found = app.router.default

    async def redirect_or_respond(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        changed = {**scope, "path": other}
        if scope["type"] == "http" and other and _is_known(app, changed):
            location = {"Location": _location(other, scope["query_string"])}
            await Response(None, HTTPStatus.TEMPORARY_REDIRECT, location)(scope, receive, send)
        else:
            await respond_not_found(scope, receive, send)

    app.router.redirect_slashes = False
    app.router.default = redirect_or_respond


def _is_known(app: FastAPI, scope: Scope) -> bool:
    return any(route.matches(scope)[0] != Match.NONE for route in app.router.routes)


def _location(path: str, query: bytes) -> str:
    location = quote(path)
    if location.startswith("//"):  # would begin a host (CWE-601)
        location = f"/%2F{location[2:]}"
    return f"{location}?{quote(query, QUERY)}" if query else location
