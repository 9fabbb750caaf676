"""`poe contract` names each breaking change of an operation, and lets all others pass."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from dev.contract.changes import Rule
from dev.contract.document import Document, DocumentError
from dev.contract.operations import breaking_changes
from tests.support.api_schemas import MUTATIONS

Described = dict[str, Any]
Edit = Callable[[Described], object]

ITEM = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "price": {"type": "number"}},
    "required": ["name", "price"],
}
BASE: Described = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/items/{item_id}": {
            "parameters": [
                {"in": "path", "name": "item_id", "required": True, "schema": {"type": "string"}}
            ],
            "patch": {
                "parameters": [
                    {"$ref": "#/components/parameters/Limit"},
                    {"in": "header", "name": "If-Match", "schema": {"type": "string"}},
                    {"in": "query", "name": "tags", "schema": {"type": "array", "items": {}}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Item"}},
                        "application/merge-patch+json": {},
                    }
                },
                "responses": {
                    "200": {
                        "description": "OK",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Item"}}
                        },
                        "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                    },
                    "202": {"description": "Accepted"},
                    "404": {"$ref": "#/components/responses/404"},
                },
                "security": [{"OAuth2": ["items:write"]}, {"Key": []}],
            },
        },
        "/health": {"get": {"responses": {"200": {"description": "OK"}}}},
    },
    "components": {
        "parameters": {
            "Limit": {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}}
        },
        "responses": {
            "404": {
                "description": "Not found",
                "content": {
                    "application/problem+json": {
                        "schema": {"type": "object", "properties": {"detail": {"type": "string"}}}
                    }
                },
            }
        },
        "schemas": {"Item": ITEM},
        "securitySchemes": {
            "OAuth2": {
                "type": "oauth2",
                "flows": {"password": {"tokenUrl": "/token", "scopes": {"items:write": ""}}},
            },
            "Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        },
    },
}
PATCH = "PATCH /items/{item_id}"


def patch(described: Described) -> Described:
    operation: Described = described["paths"]["/items/{item_id}"]["patch"]
    return operation


def response(described: Described, status: str = "200") -> Described:
    found: Described = patch(described)["responses"][status]
    return found


def problem(described: Described) -> Described:
    content = described["components"]["responses"]["404"]["content"]
    schema: Described = content["application/problem+json"]["schema"]
    return schema


def schemes(described: Described) -> Described:
    found: Described = described["components"]["securitySchemes"]
    return found


def add(described: Described, **parameter: object) -> None:
    patch(described)["parameters"].append({"schema": {"type": "string"}, **parameter})


BREAKING: list[tuple[Rule, str, Edit]] = [
    (
        Rule.OPERATION_REMOVED,
        "GET /health: operation removed",
        lambda it: it["paths"].pop("/health"),
    ),
    (
        Rule.OPERATION_REMOVED,
        f"{PATCH}: operation removed",
        lambda it: it["paths"]["/items/{item_id}"].pop("patch"),
    ),
    (
        Rule.PARAMETER_REMOVED,
        f"{PATCH}: query parameter limit removed",
        lambda it: patch(it)["parameters"].pop(0),
    ),
    (
        Rule.PARAMETER_REMOVED,
        f"{PATCH}: header parameter If-Match removed",
        lambda it: patch(it)["parameters"][1].update({"in": "query"}),
    ),
    (
        Rule.PARAMETER_REQUIRED,
        f"{PATCH}: header parameter If-Match now required",
        lambda it: patch(it)["parameters"][1].update(required=True),
    ),
    (
        Rule.PARAMETER_REQUIRED,
        f"{PATCH}: query parameter since now required",
        lambda it: add(it, **{"in": "query", "name": "since", "required": True}),
    ),
    (
        Rule.PARAMETER_ENCODING,
        f"{PATCH}: query parameter tags encoded in another way",
        lambda it: patch(it)["parameters"][2].update(explode=False),
    ),
    (
        Rule.BOUND,
        f"{PATCH}: query parameter limit maximum changed from 100 to 50",
        lambda it: it["components"]["parameters"]["Limit"]["schema"].update(maximum=50),
    ),
    (
        Rule.CONSTRAINT,
        f"{PATCH}: path parameter item_id format changed from none to uuid",
        lambda it: it["paths"]["/items/{item_id}"]["parameters"][0]["schema"].update(format="uuid"),
    ),
    (Rule.BODY_REMOVED, f"{PATCH}: request body removed", lambda it: patch(it).pop("requestBody")),
    (
        Rule.BODY_REQUIRED,
        f"{PATCH}: request body now required",
        lambda it: patch(it)["requestBody"].update(required=True),
    ),
    (
        Rule.MEDIA_TYPE_REMOVED,
        f"{PATCH}: request media type application/merge-patch+json removed",
        lambda it: patch(it)["requestBody"]["content"].pop("application/merge-patch+json"),
    ),
    (
        Rule.MEDIA_TYPE_REMOVED,
        f"{PATCH}: response media type application/json removed",
        lambda it: response(it).pop("content"),
    ),
    (
        Rule.STATUS_REMOVED,
        f"{PATCH}: status 202 removed",
        lambda it: patch(it)["responses"].pop("202"),
    ),
    (
        Rule.HEADER_REMOVED,
        f"{PATCH}: response header ETag removed",
        lambda it: response(it).pop("headers"),
    ),
    (
        Rule.HEADER_OPTIONAL,
        f"{PATCH}: response header ETag may now be absent",
        lambda it: response(it)["headers"]["ETag"].pop("required"),
    ),
    (
        Rule.TYPE,
        f"{PATCH}: response header ETag type changed from string to integer",
        lambda it: response(it)["headers"]["ETag"]["schema"].update(type="integer"),
    ),
    (
        Rule.MEMBER_REMOVED,
        f"{PATCH}: error member detail removed",
        lambda it: problem(it)["properties"].clear(),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires Key, so OAuth2 (items:write) is no longer sufficient",
        lambda it: patch(it)["security"].pop(0),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires OAuth2 (items:write) or Key, so Key is no longer"
        " sufficient",
        lambda it: schemes(it)["Key"].update(name="X-Other"),
    ),
    (
        Rule.SECURITY_REQUIRED,
        "GET /health: security now requires Key, so a request without credentials is no longer"
        " sufficient",
        lambda it: it["paths"]["/health"]["get"].update(security=[{"Key": []}]),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires OAuth2 (items:write, admin) or Key, so OAuth2"
        " (items:write) is no longer sufficient",
        lambda it: patch(it)["security"][0]["OAuth2"].append("admin"),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires OAuth2 (items:write) or Key, so OAuth2 (items:write) is no"
        " longer sufficient",
        lambda it: schemes(it)["OAuth2"]["flows"]["password"].update(tokenUrl="/other"),
    ),
]
COMPATIBLE: dict[str, Edit] = {
    "an operation is added": lambda it: it["paths"]["/health"].update(
        head={"responses": {"200": {"description": "OK"}}}
    ),
    "an optional parameter is added": lambda it: add(it, **{"in": "query", "name": "since"}),
    "a header parameter is written in lower case": lambda it: patch(it)["parameters"][1].update(
        name="if-match"
    ),
    "a parameter states a default of its encoding": lambda it: patch(it)["parameters"][2].update(
        style="form", explode=True
    ),
    "parameters change their order": lambda it: patch(it)["parameters"].reverse(),
    "a media type is added": lambda it: response(it)["content"].update({"text/csv": {}}),
    "an error status is removed": lambda it: patch(it)["responses"].pop("404"),
    "an error status is added": lambda it: patch(it)["responses"].update(
        {"409": {"description": "Conflict"}}
    ),
    "a header is added": lambda it: response(it)["headers"].update(
        {"Location": {"schema": {"type": "string"}}}
    ),
    "a header is written in lower case": lambda it: response(it)["headers"].update(
        etag=response(it)["headers"].pop("ETag")
    ),
    "a scope is no longer necessary": lambda it: patch(it)["security"][0]["OAuth2"].clear(),
    "credentials are no longer necessary": lambda it: patch(it)["security"].append({}),
    "a security scheme gets another name": lambda it: (
        schemes(it).update(ApiKey=schemes(it).pop("Key")),
        patch(it)["security"][1].update(ApiKey=patch(it)["security"][1].pop("Key")),
    ),
    "an operation is deprecated": lambda it: patch(it).update(deprecated=True),
    "summaries and tags change": lambda it: patch(it).update(summary="Other", tags=["Other"]),
    "a response is a reference": lambda it: (
        it["components"]["responses"].update(Accepted=response(it, "202")),
        patch(it)["responses"].update({"202": {"$ref": "#/components/responses/Accepted"}}),
    ),
}


def changed(edit: Edit) -> Described:
    described = deepcopy(BASE)
    edit(described)
    return described


@pytest.mark.parametrize(("rule", "line", "edit"), BREAKING, ids=[each[1] for each in BREAKING])
def test_a_breaking_change_has_one_line(rule: Rule, line: str, edit: Edit) -> None:
    found = breaking_changes(Document(BASE), Document(changed(edit)))

    assert [(each.rule, str(each)) for each in found] == [(rule, line)]


@pytest.mark.parametrize("edit", COMPATIBLE.values(), ids=COMPATIBLE)
def test_a_compatible_change_passes(edit: Edit) -> None:
    assert breaking_changes(Document(BASE), Document(changed(edit))) == []


def test_every_rule_has_a_test() -> None:
    of_schemas = {
        rule
        for each in MUTATIONS
        for rule in (each.request, each.response, each.undone_request, each.undone_response)
    }

    assert {rule for rule, _, _ in BREAKING} | of_schemas == {*Rule, None}


def test_a_parameter_in_the_path_may_change_its_name() -> None:
    described = deepcopy(BASE)
    item = described["paths"].pop("/items/{item_id}")
    item["parameters"][0]["name"] = "id"
    described["paths"]["/items/{id}"] = item

    assert breaking_changes(Document(BASE), Document(described)) == []


def test_deprecated_operations_may_lose_the_headers_of_their_deprecation() -> None:
    old = changed(
        lambda it: (
            patch(it).update(deprecated=True),
            response(it)["headers"].update(Sunset={"schema": {"type": "string"}}),
        )
    )

    assert breaking_changes(Document(old), Document(BASE)) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not valid JSON"),
        ("[" * 100_000, "it is not valid JSON"),
        ("[]", "it has no paths"),
        ('{"paths": []}', "it has no paths"),
    ],
)
def test_a_text_that_describes_no_api_is_refused(text: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        Document.parse(text)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/schemas/None", "is missing"),
        ("other.json#/Item", "is missing"),
        ("#/components/responses/Self", "refers to itself"),
    ],
)
def test_an_invalid_reference_is_refused(reference: str, reason: str) -> None:
    described = changed(
        lambda it: (
            it["components"]["responses"].update(Self={"$ref": reference}),
            patch(it)["responses"].update({"202": {"$ref": "#/components/responses/Self"}}),
        )
    )

    with pytest.raises(DocumentError, match=reason):
        breaking_changes(Document(BASE), Document(described))
