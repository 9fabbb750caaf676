"""Random schemas as Pydantic writes them."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
STATUSES = ("draft", "sent", "paid")
COMPONENTS: dict[str, Schema] = {
    "Status": {"type": "string", "enum": [*STATUSES], "title": "Status"},
    "Owner": {
        "type": "object",
        "title": "Owner",
        "properties": {"email": {"type": "string", "format": "email", "title": "Email"}},
        "required": ["email"],
    },
    "Node": {
        "type": "object",
        "title": "Node",
        "properties": {
            "label": {"type": "string", "maxLength": 9},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
            "parent": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
        },
        "required": ["label"],
    },
}
REFERENCES = st.sampled_from([*COMPONENTS]).map(
    lambda name: {"$ref": f"#/components/schemas/{name}"}
)
LEAVES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(1, 3),
            "maxLength": st.integers(5, 9),
            "pattern": st.just("^a"),
            "format": st.sampled_from(["uuid", "date-time"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={"minimum": st.integers(0, 3), "exclusiveMaximum": st.integers(10, 20)},
    ),
    st.just({"type": "boolean"}),
    st.just({"type": "string", "const": "card"}),
    REFERENCES,
)
NAMES = st.sampled_from(["title", "description", "price", "default", "items"])


def _objects(members: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    properties = st.dictionaries(NAMES, members, min_size=1, max_size=4)
    return st.builds(
        lambda properties, closed, needed: {
            "type": "object",
            "title": "Object",
            "properties": properties,
            "required": [name for name in properties if needed],
            **closed,
        },
        properties,
        st.sampled_from([{}, {"additionalProperties": False}]),
        st.booleans(),
    )


def is_nullable(schema: Schema) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())


def _nullable(schema: Schema) -> Schema:
    if is_nullable(schema):
        return schema
    return {"anyOf": [schema, {"type": "null"}], "title": "Optional"}


def _with_members(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner}, optional={"maxItems": st.integers(3, 9)}
    )
    maps = st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner})
    unions = st.just({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9]+$"}]})
    return st.one_of(_objects(inner), arrays, maps, unions, inner.map(_nullable))


SCHEMAS = _objects(st.recursive(LEAVES, _with_members, max_leaves=8))


def parts(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all schemas in it; those of the components are apart."""
    yield schema
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from parts(schema[key])
    for each in [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]:
        yield from parts(each)


def document(request: Schema, response: Schema, components: dict[str, Schema]) -> Schema:
    """Return a description of an API with one operation."""
    body = {"content": {"application/json": {"schema": request}}, "required": True}
    answer = {"description": "OK", "content": {"application/json": {"schema": response}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/items": {"post": {"requestBody": body, "responses": {"200": answer}}}},
        "components": {"schemas": components},
    }
