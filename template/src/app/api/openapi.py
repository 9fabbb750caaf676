"""OpenAPI: completes the description, and derives the errors of operations from dependencies."""

import inspect
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic.json_schema import models_json_schema

from app.api.deprecation import describe_deprecation
from app.api.deps import (
    RateLimit,
    RequireFlag,
    accept_idempotency_key,
    get_admin_user,
    get_claims,
    get_current_user,
    get_preconditions,
    get_self_or_admin,
)
from app.api.deps.authentication import oauth2_scheme
from app.api.introduction import INFO
from app.api.routing import TokenRoute, dependencies_of
from app.core.http.problem_schema import OAuthProblem, Problem

MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The request is malformed, or its credentials are not valid.",
    HTTPStatus.UNAUTHORIZED: "The access token is missing, invalid or expired.",
    HTTPStatus.FORBIDDEN: "The caller does not have the required permission.",
    HTTPStatus.NOT_FOUND: "The resource does not exist, or the caller may not see it.",
    HTTPStatus.REQUEST_TIMEOUT: "The body was not received in time.",
    HTTPStatus.CONFLICT: "A request with the same `Idempotency-Key` is still being processed. "
    "Retry after `Retry-After` seconds.",
    HTTPStatus.PRECONDITION_FAILED: "The current version does not satisfy `If-Match` or "
    "`If-None-Match`. Fetch the resource again and retry.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is compressed. Send it uncompressed.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request is not valid: see `errors`.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests. Retry after `Retry-After` seconds.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An unexpected error, which has been logged.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The service is overloaded or a dependency is unavailable. "
    "Retry after `Retry-After` seconds.",
}
# Errors of every operation, because the middleware can cause them.
ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
WITH_BODY = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
REFUSALS: dict[Callable[..., Any] | None, HTTPStatus] = {
    get_current_user: HTTPStatus.UNAUTHORIZED,
    get_admin_user: HTTPStatus.FORBIDDEN,
    get_self_or_admin: HTTPStatus.FORBIDDEN,
    get_preconditions: HTTPStatus.PRECONDITION_FAILED,
    accept_idempotency_key: HTTPStatus.CONFLICT,
}
CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
# FastAPI's own error schemas, which this service does not use.
NOT_OURS = ("HTTPValidationError", "ValidationError")


def name_operation(route: APIRoute) -> str:
    """Return the operation id, after which generated clients name their functions."""
    return route.name


def describe_problems(app: FastAPI, root_path: str) -> None:
    """Describe all error responses of `app` as problems (RFC 9457), and complete its description.

    An operation declares only its specific errors, such as `responses={409: {"description": ...}}`.
    The URLs of the OAuth 2.0 flows get the `root_path`, because clients do not add it themselves.
    """
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        cached, description = app.openapi_schema, describe()
        if description is not cached:
            _describe_service(description, root_path)
            _describe_operations(description, app)
            _add_problems(description)
        return description

    app.openapi = openapi  # type: ignore[method-assign] # as FastAPI documents it


def _describe_service(description: dict[str, Any], root_path: str) -> None:
    description["info"] = INFO | description["info"]
    for scheme in description.get("components", {}).get("securitySchemes", {}).values():
        for flow in scheme.get("flows", {}).values():
            urls = {name: url for name, url in flow.items() if str(url).startswith("/")}
            flow |= {name: root_path + url for name, url in urls.items()}


def _describe_operations(description: dict[str, Any], app: FastAPI) -> None:
    tags = {tag["name"]: tag for tag in description.get("tags", ())}
    for route in iter_route_contexts(app.routes):
        operations = description["paths"].get(route.path_format, {})
        for method in route.methods or ():
            if operation := operations.get(method.lower()):
                calls = {*dependencies_of(route.dependant)}
                original = route.original_route
                if isinstance(original, TokenRoute) and original.takes_form:
                    operation["responses"].pop("422", None)  # 400 instead
                operation.setdefault("security", _optional_security(calls))
                _describe_errors(operation, set(_errors(operation, calls)))
                describe_deprecation(route.endpoint, operation)
                for tag in operation.get("tags", ()):
                    tags.setdefault(tag, {"name": tag, "description": _about(route.endpoint)})
    description["tags"] = [*tags.values()]


def _optional_security(calls: set[Callable[..., Any] | None]) -> list[dict[str, list[str]]]:
    return [{}, {oauth2_scheme.scheme_name: []}] if get_claims in calls else []


def _about(endpoint: Callable[..., Any] | None) -> str:
    """Return the first paragraph of the docstring of an endpoint's module."""
    return (inspect.getdoc(inspect.getmodule(endpoint)) or "").partition("\n\n")[0]


def _add_problems(description: dict[str, Any]) -> None:
    components = description.setdefault("components", {})
    operations = [each for path in description["paths"].values() for each in path.values()]
    components["responses"] = {
        str(status): {"description": meaning, "content": CONTENT}
        for status, meaning in MEANINGS.items()
        if any("$ref" in each["responses"].get(str(status), ()) for each in operations)
    }
    _, schemas = models_json_schema(
        [(Problem, "serialization"), (OAuthProblem, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    kept = {k: v for k, v in components.get("schemas", {}).items() if k not in NOT_OURS}
    components["schemas"] = dict(sorted((kept | schemas["$defs"]).items()))


def _errors(
    operation: dict[str, Any], calls: set[Callable[..., Any] | None]
) -> Iterator[HTTPStatus]:
    yield from ALWAYS
    if "requestBody" in operation:
        yield from WITH_BODY
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        yield HTTPStatus.NOT_FOUND
    for call in calls:
        if isinstance(call, RateLimit):
            yield HTTPStatus.TOO_MANY_REQUESTS
        elif isinstance(call, RequireFlag):
            yield HTTPStatus.NOT_FOUND
        elif call in REFUSALS:
            yield REFUSALS[call]


def _describe_errors(operation: dict[str, Any], errors: set[HTTPStatus]) -> None:
    responses = operation["responses"]
    if "422" in responses:  # FastAPI adds it if an operation validates input
        errors.add(HTTPStatus.UNPROCESSABLE_ENTITY)
        del responses["422"]
    for status, response in responses.items():
        if status.startswith(("4", "5")):
            response.setdefault("content", CONTENT)
    for status in errors:
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    operation["responses"] = dict(sorted(responses.items()))
