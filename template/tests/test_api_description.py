"""The parts of the OpenAPI description about the service, its operations and their tags."""

import re
from collections import Counter
from typing import Any

import pytest
from fastapi import FastAPI

from app import project
from app.api.openapi import describe_problems
from app.main import create_app
from tests.conftest import MakeApp, MakeSettings


@pytest.fixture
def description(make_settings: MakeSettings) -> dict[str, Any]:
    return create_app(make_settings()).openapi()


def test_operation_ids_are_the_names_of_functions_and_differ(description: dict[str, Any]) -> None:
    """Generated clients name their functions after the operation ids."""
    paths = description["paths"]
    ids = Counter(each["operationId"] for path in paths.values() for each in path.values())

    repeated = [name for name, times in ids.items() if times > 1]
    assert not repeated, f"Rename a function of {repeated}: each operation needs its own name."
    invalid = [name for name in ids if not name.isidentifier()]
    assert not invalid, f"Pass `operation_id`, a Python name, to the operations {invalid}."
    assert paths["/api/v1/users/me"]["get"]["operationId"] == "read_me"


def test_every_operation_has_a_tag_and_every_tag_a_description(
    description: dict[str, Any],
) -> None:
    """The description of a tag is the first paragraph of the docstring of the router's module."""
    used = {
        tag
        for path in description["paths"].values()
        for operation in path.values()
        for tag in operation.get("tags", [f"none: pass `tags` to {operation['operationId']}"])
    }

    assert {tag["name"] for tag in description["tags"]} == used
    unknown = [tag["name"] for tag in description["tags"] if not tag["description"]]
    assert not unknown, f"Add a docstring to the modules of the routers of {unknown}."


def test_the_description_introduces_the_service(description: dict[str, Any]) -> None:
    info = description["info"]

    assert info["summary"] == project.DESCRIPTION
    assert info["contact"] == {"name": project.MAINTAINER, "email": project.EMAIL}
    assert info["license"]["identifier"] == project.LICENSE
    assert "the username is your e-mail address" in " ".join(info["description"].split())
    for path in re.findall(r"`POST (/\S+)`", info["description"]):
        assert "post" in description["paths"][path]
    assert description["servers"] == [{"url": "/"}]


def test_arguments_of_the_application_replace_parts_of_its_description() -> None:
    app = FastAPI(summary="Other.", servers=[{"url": "/other"}], openapi_tags=[{"name": "tea"}])
    app.get("/brew", tags=["tea", "new"])(lambda: None)
    describe_problems(app, "")
    app.openapi()
    app.get("/pour", tags=["tea"])(lambda: None)  # after the description was cached

    described = app.openapi()

    assert described["info"]["summary"] == "Other."
    assert described["servers"] == [{"url": "/other"}]
    assert [tag["name"] for tag in described["tags"]] == ["tea", "new"]
    assert {"400", "500", "503"} < described["paths"]["/pour"]["get"]["responses"].keys()


def test_operations_describe_whether_they_need_a_token(description: dict[str, Any]) -> None:
    token = {"OAuth2PasswordBearer": list[str]()}
    for path, security in (
        ("/api/v1/users", []),
        ("/api/v1/users/me/password", [token]),
        ("/api/v1/auth/logout", [{}, token]),
    ):
        assert description["paths"][path]["post"]["security"] == security


async def test_an_operation_can_describe_additional_errors(make_app: MakeApp) -> None:
    app, own = await make_app(), {418: {"description": "Short and stout."}}
    app.get("/brew", responses=own)(lambda: None)  # type: ignore[arg-type] # FastAPI takes any key

    responses = app.openapi()["paths"]["/brew"]["get"]["responses"]

    assert responses["418"]["description"] == "Short and stout."
    assert list(responses["418"]["content"]) == ["application/problem+json"]
