"""Changes of schemas, with the rules that they break."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from dev.contract.changes import Rule
from tests.support.api_schemas import COMPONENTS, Schema, is_nullable


@dataclass(frozen=True)
class Mutation:
    """A change of a schema in place.

    `request` and `response` are the rules that it breaks there, or `None`; `undone` are the rules
    that its reversal breaks.
    """

    name: str
    applies: Callable[[Schema], object]
    apply: Callable[[Schema], object]
    request: Rule | None = None
    response: Rule | None = None
    undone_request: Rule | None = None
    undone_response: Rule | None = None


def _narrow(
    name: str, rule: Rule, applies: Callable[[Schema], object], apply: Callable[[Schema], object]
) -> Mutation:
    """Return a mutation that allows fewer values."""
    return Mutation(name, applies, apply, request=rule, undone_response=rule)


def _set(**values: Any) -> Callable[[Schema], object]:  # noqa: ANN401 - any JSON
    return lambda schema: schema.update(deepcopy(values))


def _is(*types: str) -> Callable[[Schema], object]:
    return lambda schema: schema.get("type") in types and not {"enum", "const"} & {*schema}


def _is_object(schema: Schema) -> object:
    return "properties" in schema


def _first(schema: Schema) -> str:
    return str(next(iter(schema["properties"])))


def _drop_null(schema: Schema) -> None:
    schema["anyOf"].remove({"type": "null"})


def _remove_member(schema: Schema) -> None:
    name = _first(schema)
    del schema["properties"][name]
    schema["required"] = [each for each in schema["required"] if each != name]


def _retype(schema: Schema) -> None:
    schema.clear()
    schema.update({"type": "array", "items": {"type": "boolean"}})


NARROWING = [
    _narrow("lower maxLength", Rule.BOUND, _is("string"), _set(maxLength=4)),
    _narrow("raise minLength", Rule.BOUND, _is("string"), _set(minLength=4)),
    _narrow(
        "add another pattern",
        Rule.CONSTRAINT,
        lambda it: _is("string")(it) and "pattern" not in it,
        _set(pattern="^b"),
    ),
    _narrow(
        "add a format",
        Rule.CONSTRAINT,
        lambda it: _is("string")(it) and "format" not in it,
        _set(format="uri"),
    ),
    _narrow("raise minimum", Rule.BOUND, _is("integer", "number"), _set(minimum=5)),
    _narrow("lower maximum", Rule.BOUND, _is("integer", "number"), _set(maximum=8)),
    _narrow("exclude the minimum", Rule.BOUND, _is("integer", "number"), _set(exclusiveMinimum=4)),
    _narrow("require multiples", Rule.CONSTRAINT, _is("integer", "number"), _set(multipleOf=2)),
    _narrow(
        "number to integer", Rule.TYPE, lambda it: it.get("type") == "number", _set(type="integer")
    ),
    _narrow("limit to an enumeration", Rule.ENUM, _is("string"), _set(enum=["card", "cash"])),
    _narrow("lower maxItems", Rule.BOUND, _is("array"), _set(maxItems=2)),
    _narrow("raise minItems", Rule.BOUND, _is("array"), _set(minItems=1)),
    _narrow("require unique elements", Rule.CONSTRAINT, _is("array"), _set(uniqueItems=True)),
    _narrow("remove null", Rule.NULL, is_nullable, _drop_null),
    _narrow(
        "remove a value",
        Rule.ENUM,
        lambda it: len(it.get("enum", ())) > 1,
        lambda it: it["enum"].pop(),
    ),
    _narrow(
        "remove an alternative",
        Rule.TYPE,
        lambda it: len(it.get("anyOf", ())) == 2 and not is_nullable(it),
        lambda it: it["anyOf"].pop(),
    ),
    _narrow(
        "limit the names of a map",
        Rule.CONSTRAINT,
        lambda it: isinstance(it.get("additionalProperties"), dict),
        _set(propertyNames={"type": "string", "pattern": "^x"}),
    ),
]
OTHERS = [
    Mutation(
        "remove an optional member",
        lambda it: _is_object(it) and _first(it) not in it["required"],
        _remove_member,
        request=Rule.MEMBER_REMOVED,
        response=Rule.MEMBER_REMOVED,
    ),
    Mutation(
        "remove a required member",
        lambda it: _is_object(it) and _first(it) in it["required"],
        _remove_member,
        request=Rule.MEMBER_REMOVED,
        response=Rule.MEMBER_REMOVED,
        undone_request=Rule.MEMBER_REQUIRED,
    ),
    Mutation(
        "require a new member",
        _is_object,
        lambda it: (it["properties"].update(new={"type": "string"}), it["required"].append("new")),
        request=Rule.MEMBER_REQUIRED,
        undone_request=Rule.MEMBER_REMOVED,
        undone_response=Rule.MEMBER_REMOVED,
    ),
    Mutation(
        "require a member",
        lambda it: _is_object(it) and _first(it) not in it["required"],
        lambda it: it["required"].append(_first(it)),
        request=Rule.MEMBER_REQUIRED,
        undone_response=Rule.MEMBER_OPTIONAL,
    ),
    Mutation(
        "close an object",
        lambda it: _is_object(it) and it.get("additionalProperties", True) is True,
        _set(additionalProperties=False),
        request=Rule.ADDITIONAL_MEMBERS,
    ),
    Mutation(
        "replace a type",
        _is("string", "integer", "number", "boolean"),
        _retype,
        *[Rule.TYPE] * 4,
    ),
]
COMPATIBLE = [
    Mutation(
        "add an optional member",
        _is_object,
        lambda it: it["properties"].update(new={"type": "string"}),
        undone_request=Rule.MEMBER_REMOVED,
        undone_response=Rule.MEMBER_REMOVED,
    ),
    Mutation(
        "describe in other words",
        lambda _: True,
        _set(title="Other", description="Other", examples=["x"], default="y", deprecated=True),
    ),
    Mutation("reverse an enumeration", lambda it: "enum" in it, lambda it: it["enum"].reverse()),
    Mutation("reverse a union", lambda it: "anyOf" in it, lambda it: it["anyOf"].reverse()),
    Mutation("reverse the required members", _is_object, lambda it: it["required"].reverse()),
    Mutation(
        "write an enumeration instead of a constant",
        lambda it: "const" in it,
        lambda it: it.update(enum=[it.pop("const")]),
    ),
    Mutation(
        "write the exclusive maximum of integers as a maximum",
        lambda it: it.get("type") == "integer" and "exclusiveMaximum" in it,
        lambda it: it.update(maximum=it.pop("exclusiveMaximum") - 1),
    ),
    Mutation(
        "write allOf around a reference",
        lambda it: "$ref" in it,
        lambda it: it.update(allOf=[{"$ref": it.pop("$ref")}]),
    ),
    Mutation(
        "write out a reference",
        lambda it: "$ref" in it,
        lambda it: it.update(deepcopy(COMPONENTS[it.pop("$ref").rpartition("/")[2]])),
    ),
]
MUTATIONS = [*NARROWING, *OTHERS, *COMPATIBLE]
