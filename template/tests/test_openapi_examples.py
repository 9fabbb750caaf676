"""The examples of the OpenAPI description, which Swagger UI puts into the requests."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from app.core.auth.password_hash import get_password_hash
from app.models.user import User
from tests.clients import client_of
from tests.conftest import MakeUser
from tests.databases import RolledBackDatabase

# Swagger UI uses these values for schemas without examples.
OF_FORMATS = {
    "uuid": "019b0000-0000-7000-8000-000000000000",
    "date": "2026-05-31",
    "date-time": "2026-05-31T09:30:00Z",
    "time": "09:30:00",
    "duration": "P1D",
    "email": "user@example.com",
}
OF_TYPES: dict[str, Any] = {"string": "string", "boolean": True, "object": {}}
# The arguments of httpx for the bodies that this test can send.
ARGUMENTS = {"application/json": "json", "application/x-www-form-urlencoded": "data"}
# An example cannot be a cursor, which the service has signed.
WITHOUT_EXAMPLE = {"cursor"}

Example = Callable[[dict[str, Any]], Any]


def stated_examples(schema: dict[str, Any]) -> list[Any]:
    """Return the values that a schema declares. The first one is the example."""
    values = [schema[word] for word in ("default", "const") if word in schema]
    return [*schema.get("examples", ()), *values, *schema.get("enum", ())]


def value_of_type(schema: dict[str, Any]) -> Any:
    """Return a value for a format or type: the least number, or a fixed value."""
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    of_types = OF_TYPES | {"integer": int(least), "number": least}
    return OF_FORMATS.get(schema.get("format", ""), of_types.get(schema.get("type", "")))


@pytest.fixture
def example(app: FastAPI) -> Example:
    """Return a function that returns the example of a schema, as Swagger UI chooses it."""
    schemas = app.openapi()["components"]["schemas"]

    def example_of(schema: dict[str, Any]) -> Any:
        schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        if stated := stated_examples(schema):
            return stated[0]
        if options := schema.get("anyOf", schema.get("oneOf")):
            return example_of(options[0])
        if "pattern" in schema and not re.search(schema["pattern"], OF_TYPES["string"]):
            raise LookupError(f"`Field(examples=[...])` for the pattern {schema['pattern']}")
        if "items" in schema:
            return [example_of(schema["items"])]
        if "properties" in schema:
            return {name: example_of(each) for name, each in schema["properties"].items()}
        return value_of_type(schema)

    return example_of


@pytest.fixture
async def caller(
    app: FastAPI, example: Example, make_user: MakeUser, make_token: Callable[[User], str]
) -> AsyncClient:
    """An administrator with the e-mail address and the password of the examples."""
    login = example({"$ref": "#/components/schemas/UserCreate"})
    hashed_password = get_password_hash(login["password"])
    await make_user("other@example.com", is_superuser=True)
    admin = await make_user(login["email"], is_superuser=True, hashed_password=hashed_password)
    return client_of(app, make_token(admin))


def arguments_of(operation: dict[str, Any], example: Example) -> dict[str, Any]:
    """Return the path parameters and httpx's arguments for the examples of an operation."""
    sent: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.get("parameters", ()):
        if parameter["name"] not in WITHOUT_EXAMPLE:
            sent[parameter["in"]][parameter["name"]] = example(parameter["schema"])
    found: dict[str, Any] = {"path": sent["path"], "params": sent["query"]}
    found["headers"] = sent["header"]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if media_type in ARGUMENTS:
            found[ARGUMENTS[media_type]] = example(content["schema"])
    return found


def accepts(response: Response) -> bool:
    """Return whether the input is valid. A token or a code in it may be unknown."""
    problem = response.json() if response.is_error else {}
    unknown = problem.get("error", "") in {"", "invalid_grant"}
    return response.status_code != 422 and (unknown or problem["error_code"] == "INVALID_CODE")


async def test_every_operation_accepts_the_examples_of_its_description(
    app: FastAPI, caller: AsyncClient, database: RolledBackDatabase, example: Example
) -> None:
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            try:
                sent = arguments_of(operation, example)
            except LookupError as error:
                pytest.fail(f"{where} has no example: add {error.args[0]}.")
            async with database.undone():
                response = await caller.request(method, path.format(**sent.pop("path")), **sent)

            assert response.status_code < 500, where
            assert accepts(response), (
                f"{where} rejects the examples of its schemas: change `Field(examples=[...])`. "
                f"It received {sent} and answered {response.text}"
            )


async def test_the_examples_of_a_registration_can_log_in(
    client: AsyncClient, example: Example
) -> None:
    registration = example({"$ref": "#/components/schemas/UserCreate"})
    form = {"username": registration["email"], "password": registration["password"]}

    assert (await client.post("/api/v1/users", json=registration)).status_code == 201
    assert (await client.post("/api/v1/auth/token", data=form)).status_code == 200
