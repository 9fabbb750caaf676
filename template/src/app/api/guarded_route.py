"""Limits and the caller are checked before anything of the body is read."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.api.deps import RateLimit, get_current_user, limit_default
from app.api.strict_request import StrictRequest

Guard = Callable[[Request], Awaitable[object]]


class GuardedRoute(APIRoute):
    """An operation that nobody unknown, and nobody too often, makes read a body (ASVS 8.2.1).

    FastAPI reads and parses the body before any dependency: without this, whoever sends broken JSON
    would be told so uncounted and unasked who they are. Dependencies remember what is done here.
    What is read then, is read strictly: see `StrictRequest`.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, behind the guards."""
        handle = super().get_route_handler()
        guards: list[Guard] = [limit_default, *_guards(self.dependant)]

        async def handle_guarded(request: Request) -> Response:
            for guard in guards:
                if guard not in request.app.dependency_overrides:
                    await guard(request)
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_guarded


def _guards(dependant: Dependant) -> Iterator[Guard]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, RateLimit) or dependency.call is get_current_user:
            yield dependency.call
        yield from _guards(dependency)
