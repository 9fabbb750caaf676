"""The description of an API with one operation of each kind, and edits of it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

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


def changed(edit: Edit) -> Described:
    described = deepcopy(BASE)
    edit(described)
    return described
