"""The OpenAPI description."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.main import create_app
from tests.access.test_access import ROWS
from tests.clients import client_of
from tests.conftest import MakeSettings

URL = "/api/v1/openapi.json"
OAUTH_REFUSALS = {("400", name) for name in ("token", "refresh", "revoke")}
TOKEN = {"OAuth2PasswordBearer": list[str]()}
# Keywords of JSON Schema and OpenAPI that all client generators understand.
KNOWN_WORDS = {
    *("type", "title", "description", "default", "examples", "format", "const", "enum"),
    *("properties", "required", "additionalProperties", "items", "readOnly", "writeOnly"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
}


@pytest.fixture(scope="module")
def with_docs(make_settings: MakeSettings) -> FastAPI:
    return create_app(make_settings(docs_enabled=True))


@pytest.fixture(scope="module")
async def description(with_docs: FastAPI) -> dict[str, Any]:
    described: dict[str, Any] = (await client_of(with_docs).get(URL)).json()
    return described


def errors_of(operation: dict[str, Any]) -> set[int]:
    return {int(status) for status in operation["responses"] if status[0] in "45"}


async def test_every_error_response_is_described_as_a_problem(description: dict[str, Any]) -> None:
    """HTT-11"""
    schema, oauth_schema = (
        {"$ref": f"#/components/schemas/{name}"} for name in ("Problem", "OAuthProblem")
    )
    operations = [
        (path, each) for path, item in description["paths"].items() for each in item.values()
    ]

    assert len(operations) >= 9
    for path, operation in operations:
        for status in map(str, errors_of(operation)):
            response = operation["responses"][status]
            name = response.get("$ref", "").removeprefix("#/components/responses/")
            described = description["components"]["responses"][name] if name else response
            assert name in {"", status}
            assert described["description"]
            is_oauth = (status, path.rpartition("/auth/")[2]) in OAUTH_REFUSALS
            described_as = oauth_schema if is_oauth else schema
            assert described["content"] == {"application/problem+json": {"schema": described_as}}
    assert "HTTPValidationError" not in description["components"]["schemas"]
    assert "ValidationError" not in description["components"]["schemas"]


@pytest.mark.parametrize(
    ("method", "path", "errors"),
    [
        ("get", "/health", set()),
        ("get", "/users/me", {401, 429}),
        ("get", "/users", {401, 403, 422, 429}),
        ("get", "/users/{user_id}", {401, 403, 404, 422, 429}),
        ("post", "/users", {408, 409, 413, 415, 422, 429}),
        ("post", "/auth/token", {408, 413, 415, 429}),
        ("post", "/auth/revoke", {408, 413, 415, 429}),
        ("post", "/auth/refresh", {408, 413, 415, 422, 429}),
        ("delete", "/users/me", {401, 409, 429}),
        ("post", "/users/me/delete", {401, 408, 409, 413, 415, 422, 429}),
        ("patch", "/users/{user_id}", {401, 403, 404, 408, 409, 413, 415, 422, 429}),
    ],
)
async def test_an_operation_describes_exactly_the_errors_it_can_return(
    description: dict[str, Any], method: str, path: str, errors: set[int]
) -> None:
    """HTT-11"""
    operation = description["paths"][path if path == "/health" else f"/api/v1{path}"][method]

    assert errors_of(operation) == errors | {400, 500, 503}


async def test_described_errors_match_the_permissions(description: dict[str, Any]) -> None:
    """AUZ-04"""
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            errors = errors_of(operation)
            assert (401 in errors) == (operation["security"] == [TOKEN]), (method, path)
            row = ROWS.get(f"{method.upper()} {path}")
            is_forbidden = row is not None and row.access.stranger == HTTPStatus.FORBIDDEN
            assert (403 in errors) == is_forbidden, (method, path)


def schemas_in(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema with a type, at any depth."""
    if isinstance(part, dict):
        if isinstance(part.get("type"), str) and "schemes" not in part and "flows" not in part:
            yield part
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from schemas_in(each)


async def test_schemas_use_only_standard_json_schema_keywords(
    description: dict[str, Any],
) -> None:
    """VAL-01. For a bound without a keyword, pydantic writes `ge`, which clients ignore."""
    schemas = list(schemas_in(description))

    assert len(schemas) > 50
    assert {word for schema in schemas for word in schema} <= KNOWN_WORDS
    limit = description["paths"]["/api/v1/users"]["get"]["parameters"][0]["schema"]
    assert (limit["minimum"], limit["maximum"]) == (1, 100)


async def test_optional_fields_are_not_described_as_nullable(description: dict[str, Any]) -> None:
    properties = description["components"]["schemas"]["UserAdministration"]["properties"]

    assert {member: schema["type"] for member, schema in properties.items()} == {
        "is_active": "boolean",
        "is_superuser": "boolean",
    }


async def test_the_openapi_description_is_cached(app: FastAPI) -> None:
    assert app.openapi() is app.openapi()


async def test_the_problem_schema_matches_an_error_response(
    description: dict[str, Any], client: AsyncClient
) -> None:
    schema = description["components"]["schemas"]["Problem"]
    problem = (await client.post("/api/v1/users", json={})).json()

    assert set(problem) == set(schema["properties"])
    assert set(schema["required"]) == set(problem) - {"errors"}


async def test_paths_often_probed_by_scanners_return_404(client: AsyncClient) -> None:
    """ERR-05, VAL-15"""
    for path in ("/.env", "/.git/config", "/metrics", "/debug", "/../app", "/%2e%2e/.env"):
        assert (await client.get(path)).status_code == 404, path


async def test_redirects_for_extra_slashes_stay_on_the_same_host(client: AsyncClient) -> None:
    """HTT-04"""
    for path in ("/health/", "//evil.example/", "/api/v1/users/me/"):
        response = await client.get(f"http://test{path}")

        assert response.status_code in {307, 404}, path
        assert response.headers.get("location") in {None, path.rstrip("/")}, path
