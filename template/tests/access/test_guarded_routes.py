"""Authentication takes place before a request body is read."""

import re
from dataclasses import fields
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import AsyncClient, Response

from app.api.deps import get_current_user
from app.api.routing import GuardedRoute
from app.main import create_app
from app.models.user import User
from app.services.accounts.authentication import Caller
from tests.clients import problem
from tests.conftest import MakeSettings

# The paths of routes that need neither a token nor a rate limit.
PUBLIC = {
    "/",
    "/api/docs",
    "/api/docs-static",
    "/api/docs/oauth2-redirect",
    "/api/redoc",
    "/api/v1/openapi.json",
    "/docs",
    "/health",
    "/ready",
}
BROKEN = {"content": b"{", "headers": {"Content-Type": "application/json"}}


async def send_broken_json(client: AsyncClient, method: str, path: str) -> Response:
    return await client.request(method, path, **BROKEN)  # type: ignore[arg-type] # mixed types


def unguarded(app: FastAPI) -> set[str]:
    """Return the paths that are not public and are not served by a `GuardedRoute`."""
    routes = [*iter_route_contexts(app.routes)]
    assert len(routes) > 5
    found = [each for each in routes if not isinstance(each.original_route, GuardedRoute)]
    return {str(each.path or each.original_route) for each in found} - PUBLIC


def test_every_route_is_a_guarded_route_or_public(make_settings: MakeSettings) -> None:
    """AUZ-01. A new route needs `APIRouter` from `app.api.routing`, or its path in `PUBLIC`."""
    assert unguarded(create_app(make_settings(docs_enabled=True))) == set()


async def test_an_anonymous_request_with_an_invalid_body_gets_401(
    app: FastAPI, client: AsyncClient
) -> None:
    """AUZ-01"""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if "401" in operation["responses"] and "requestBody" in operation:
                url = re.sub(r"\{\w+\}", str(uuid4()), path)
                response = await send_broken_json(client, method.upper(), url)

                assert (method, path, response.status_code) == (method, path, 401)
                assert problem(response)["error_code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("is_broken", [False, True])
async def test_the_current_user_can_be_overridden_in_tests(
    app: FastAPI, client: AsyncClient, user: User, is_broken: bool
) -> None:
    # In tests, the first session of a user has the user's id.
    columns: Any = {field.name: getattr(user, field.name, user.id) for field in fields(Caller)}
    caller = Caller(**columns)
    app.dependency_overrides[get_current_user] = lambda: caller
    try:
        if is_broken:
            response = await send_broken_json(client, "PATCH", "/api/v1/users/me")
        else:
            response = await client.patch("/api/v1/users/me", json={"full_name": "Ada"})
    finally:
        app.dependency_overrides.clear()

    assert response.status_code == (422 if is_broken else 200)
