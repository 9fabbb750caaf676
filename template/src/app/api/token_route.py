"""Errors of the token endpoint, named as OAuth 2.0 names them."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api.guarded_route import GuardedRoute


class TokenRoute(GuardedRoute):
    """An operation that OAuth libraries call: `error` names what is wrong (RFC 6749 5.2)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the guarded handler, with the name of the error in its problems."""
        handle = super().get_route_handler()

        async def handle_and_name(request: Request) -> Response:
            try:
                return await handle(request)
            except (HTTPException, RequestValidationError) as error:
                request.state.problem_extensions = {"error": _name(error)}
                raise

        return handle_and_name


def _name(error: HTTPException | RequestValidationError) -> str:
    errors = error.errors() if isinstance(error, RequestValidationError) else ()
    is_grant = any(each["loc"][-1:] == ("grant_type",) for each in errors)
    return "unsupported_grant_type" if is_grant else "invalid_request"
