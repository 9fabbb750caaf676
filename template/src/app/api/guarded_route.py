"""Limits, flags and the token are checked before anything of the body is read."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.api.deprecation import announce_deprecation
from app.api.deps import RateLimit, RequireFlag, get_current_user, limit_default
from app.api.deps.authentication import require_token
from app.api.deps.idempotency import accept_idempotency_key, answer_once
from app.api.strict_request import StrictRequest
from app.core.json.limits import MAX_VALUES

Guard = Callable[..., Awaitable[object]]

CHECKS = (RateLimit, RequireFlag)

# Before the body, a token's signature: whose it is, and whether still, is read when the body is
# there, since whoever sends that slowly may lose the right meanwhile.
GUARDS: dict[Guard, Guard] = {get_current_user: require_token}


class GuardedRoute(APIRoute):
    """An operation that nobody unknown, and nobody too often, makes read a body (ASVS 8.2.1).

    FastAPI reads and parses the body before any dependency: without this, whoever sends broken JSON
    would be told so uncounted and unasked who they are. Limits remember what they counted here.
    What is read then, is read strictly: see `StrictRequest`.
    """

    # A subclass, as the `route_class` of a router, may allow larger JSON.
    max_json_values: ClassVar[int] = MAX_VALUES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, behind the guards."""
        handle = super().get_route_handler()
        calls = [*dependencies_of(self.dependant)]
        if accept_idempotency_key in calls:
            handle = answer_once(handle)
        found = [call for call in calls if isinstance(call, CHECKS) or call in GUARDS]

        async def handle_guarded(request: Request) -> Response:
            announce_deprecation(self.endpoint, request)
            for dependency in (limit_default, *found):
                if dependency not in request.app.dependency_overrides:
                    await GUARDS.get(dependency, dependency)(request)
            strict = StrictRequest(request.scope, request.receive)
            strict.max_json_values = self.max_json_values
            return await handle(strict)

        return handle_guarded


def dependencies_of(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """Yield whatever an operation depends on, directly or through something else."""
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from dependencies_of(dependency)
