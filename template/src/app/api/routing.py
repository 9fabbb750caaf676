"""The router for every endpoint: `from app.api.routing import APIRouter`."""

import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn
from urllib.parse import unquote_to_bytes

from fastapi import HTTPException, Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, _effective_route_context_var
from starlette._utils import AwaitableOrContextManager
from starlette.datastructures import FormData, QueryParams

from app.api.deprecation import announce_deprecation
from app.api.deps import RateLimit, RequireFlag, get_current_user, limit_default
from app.api.deps.authentication import require_token
from app.api.deps.idempotency import accept_idempotency_key, answer_once
from app.api.deps.simple_requests import SimpleRequests
from app.api.oauth import oauth_members
from app.core.http.flat_routes import FlatRouter
from app.core.http.middleware.body_limit import receive_at_most
from app.core.json.limits import MAX_DEPTH, MAX_VALUES, is_within_limits

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Guard = Callable[..., Awaitable[object]]

MAX_FORM_BYTES = 8192
MAX_FORM_FIELDS = 20

CHECKS = (RateLimit, RequireFlag)

# Before the body is read, only the token itself is verified. The session is read after the body,
# because a session may end while a slow client is uploading.
GUARDS: dict[Guard, Guard] = {get_current_user: require_token}


class StrictRequest(Request):
    """A request whose query must be UTF-8, and whose JSON must be valid and in UTF-8.

    Python would also accept UTF-16, UTF-32 and NaN, and replace invalid bytes (RFC 8259, RFC 3986).
    JSON that would take too long to parse is rejected before parsing, because parsing blocks all
    other requests (CWE-400).
    """

    max_json_values = MAX_VALUES

    @property
    def query_params(self) -> QueryParams:
        """The query parameters. Raises `HTTPException` if they are not UTF-8."""
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

        `max_part_size` limits the whole form in bytes. Where files are allowed, it limits each
        text field of a multipart form instead.
        """
        if not (max_files and self._is_multipart()):
            self._receive = receive_at_most(max_part_size, self._receive, drain=True)
        return super().form(max_files=max_files, max_fields=max_fields, max_part_size=max_part_size)

    async def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the body; raise `ValueError` if it is not JSON in UTF-8.

        Raise `HTTPException` if it has more than `MAX_DEPTH` levels or `max_json_values` values.
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
        return f"The JSON must have at most {MAX_DEPTH} levels and {values} values."


class GuardedRoute(APIRoute):
    """Checks rate limits, feature flags and the token before the body is read (ASVS 8.2.1).

    FastAPI parses the body before it resolves dependencies. Without this class, no rate limit would
    count malformed JSON from anonymous clients. Each limit counts a request once.
    """

    # To allow JSON with more values, set this in a subclass, and pass the subclass to a router as
    # `route_class`.
    max_json_values: ClassVar[int] = MAX_VALUES

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler, preceded by the checks."""
        # Include the dependencies of the routers that include this route; no public API has them.
        included, route = _effective_route_context_var.get(), self
        if included is not None and included.original_route is self:
            route = included
        described = route.dependant
        calls = [*dependencies_of(described)]
        accepts_key = accept_idempotency_key in calls
        simple = SimpleRequests.create(described, accepts_key=accepts_key)
        # A handler solves the dependencies that its route has now. OpenAPI describes them later.
        route.dependant = simple.dependant
        handle_simple = super().get_route_handler()
        route.dependant = described
        handle = super().get_route_handler()
        if accepts_key:
            handle = answer_once(handle)
        found = [call for call in calls if isinstance(call, CHECKS) or call in GUARDS]
        checks = [*dict.fromkeys((limit_default, *found))]

        async def handle_guarded(request: Request) -> Response:
            announce_deprecation(self.endpoint, request)
            strict = StrictRequest(request.scope, request.receive)
            strict.max_json_values = self.max_json_values
            for check in checks:
                if check not in request.app.dependency_overrides:
                    await GUARDS.get(check, check)(strict)
            return await (handle_simple if simple.include(strict) else handle)(strict)

        return handle_guarded


class TokenRoute(GuardedRoute):
    """A route for OAuth 2.0 libraries: its problems have `error` and `error_description`.

    An invalid form is a 400, not a 422 (RFC 6749 5.2).
    """

    @property
    def takes_form(self) -> bool:
        """Whether the body is a form."""
        return self.body_field is not None and isinstance(self.body_field.field_info, params.Form)

    def get_route_handler(self) -> Handler:
        """Return the guarded handler in a wrapper that adds members of OAuth 2.0 to problems."""
        handle = super().get_route_handler()

        async def handle_and_name(request: Request) -> Response:
            request.state.add_problem_members = oauth_members
            if self.takes_form:
                request.state.status_of_invalid = HTTPStatus.BAD_REQUEST
            return await handle(request)

        return handle_and_name


class APIRouter(FlatRouter):
    """FastAPI's router, with `GuardedRoute` as the class of its routes."""

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        dependencies: Sequence[params.Depends] | None = None,
        route_class: type[GuardedRoute] = GuardedRoute,
        **options: Any,  # noqa: ANN401 - the other options of FastAPI's router
    ) -> None:
        super().__init__(
            prefix=prefix, tags=tags, dependencies=dependencies, route_class=route_class, **options
        )


def dependencies_of(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """Yield all dependencies of an operation, direct and indirect."""
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from dependencies_of(dependency)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is not a number", constant, 0)
