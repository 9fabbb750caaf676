"""A router that costs requests for other paths almost nothing."""

from typing import Any

from fastapi import APIRouter
from starlette.routing import Host, Match
from starlette.types import Scope


class PrefixRouter(APIRouter):
    """FastAPI's router, which is skipped if the path of a request does not contain its prefix.

    FastAPI would compare the path with each route of each router, several times for a request.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the options of FastAPI's router
        super().__init__(**options)
        self._number_of_routes = -1
        self._required = ""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how the first matching route matches."""
        if len(self.routes) != self._number_of_routes:
            self._number_of_routes, self._required = len(self.routes), self._required_text()
        return super().matches(scope) if self._required in scope["path"] else (Match.NONE, {})

    def _required_text(self) -> str:
        """Return the text that a matching path contains; empty if a route, as a mount, lacks it."""
        text = self.prefix.partition("{")[0]
        paths = (
            "" if isinstance(route, Host) else getattr(route, "path", text) for route in self.routes
        )
        return text if all(path.startswith(text) for path in paths) else ""
