"""What is checked before a body is read."""

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
from app.models.user import User
from app.services.accounts.authentication import Caller
from tests.clients import problem

BROKEN = {"content": b"{", "headers": {"Content-Type": "application/json"}}


async def send_broken_json(client: AsyncClient, method: str, path: str) -> Response:
    return await client.request(method, path, **BROKEN)  # type: ignore[arg-type] # by name


async def test_every_operation_is_guarded(app: FastAPI) -> None:
    """AUZ-01. A router of one's own needs `route_class=GuardedRoute`."""
    routes = [
        route
        for route in iter_route_contexts(app.routes)
        if (route.path or "").startswith("/api/v1/")
    ]

    assert len(routes) > 5
    assert [
        route.path for route in routes if not isinstance(route.original_route, GuardedRoute)
    ] == []


async def test_nobody_unknown_learns_what_is_wrong_with_a_body(
    app: FastAPI, client: AsyncClient
) -> None:
    """AUZ-01"""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if "security" in operation and "requestBody" in operation:
                url = re.sub(r"\{\w+\}", str(uuid4()), path)
                response = await send_broken_json(client, method.upper(), url)

                assert (method, path, response.status_code) == (method, path, 401)
                assert problem(response)["error_code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("is_broken", [False, True])
async def test_a_test_may_say_who_calls(
    app: FastAPI, client: AsyncClient, user: User, is_broken: bool
) -> None:
    # A user's first session has the user's id.
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
