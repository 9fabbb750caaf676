"""A shorter way through FastAPI for most requests.

FastAPI solves every dependency, even if it only describes the operation or has been checked before.
`GuardedRoute` therefore has a second handler with fewer dependencies for simple requests. FastAPI's
own handler serves all other requests.
"""

from dataclasses import dataclass, replace
from typing import Self

from fastapi import Request
from fastapi.dependencies.models import Dependant

from app.api.deps import RateLimit, accept_idempotency_key, get_current_user
from app.api.deps.authentication import oauth2_scheme


@dataclass(frozen=True, slots=True)
class SimpleRequests:
    """The requests without an `Idempotency-Key`."""

    dependant: Dependant  # the operation, with the dependencies that these requests need
    accepts_key: bool

    @classmethod
    def create(cls, dependant: Dependant, *, accepts_key: bool) -> Self:
        """Return the simple requests of an operation, whose description is not changed."""
        return cls(_without_repeated_checks(dependant), accepts_key)

    def include(self, request: Request) -> bool:
        """Return whether `request` is simple."""
        if request.app.dependency_overrides:
            return False
        return not (self.accepts_key and "idempotency-key" in request.headers)


def _without_repeated_checks(dependant: Dependant) -> Dependant:
    """Return an operation or dependency without what its simple requests do not need.

    The scheme only describes the login, and `GuardedRoute` has counted the request. Without a key,
    `accept_idempotency_key` only authenticates: the caller takes its place.
    """
    needed = [
        _without_repeated_checks(each)
        for each in dependant.dependencies
        if not (each.call is oauth2_scheme and dependant.call is get_current_user)
        and not (isinstance(each.call, RateLimit) and each.name is None)
    ]
    callers = [each for each in needed if each.call is get_current_user]
    if callers:
        needed = [callers[0] if _is_key(each) else each for each in needed]
    # A caller in both places is found once.
    return replace(dependant, dependencies=[*{id(each): each for each in needed}.values()])


def _is_key(dependant: Dependant) -> bool:
    return dependant.call is accept_idempotency_key and dependant.name is None
