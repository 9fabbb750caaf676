"""Input of a wrong type, size or form. Each must be refused with problem details."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dev.prove.attacks.checks import ERRORS, check, has_json, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared, unexpected
from dev.prove.operations import Operation, Schema
from tests.access import NAME
from tests.databases import RolledBackDatabase

LONG_TEXT, LONG_LIST, LONG_BODY, DEPTH = 100_000, 5_000, 2**21, 10_000
HUGE = 10**30
BY_TYPE: dict[str, Any] = {
    "string": "x",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
ALSO = {"number": {"integer"}}  # an integer is a number, too
HOSTILE = ("'\";--%_\\", "\u0000", "%00", "\U0001f600" * 50, "-1", "1e400", "../../etc/passwd")
# Beyond the columns of 32 and 64 bits. A service may accept them, if it needs no such column.
LARGE = (2**31, 2**63, -(2**63) - 1)
AS_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Input:
    """A request with bad input: its description, and the changed arguments."""

    what: str
    changed: dict[str, Any]
    must_fail: bool = True


async def problems_of(
    request: Prepared, database: RolledBackDatabase, inputs: Iterator[Input]
) -> list[str]:
    """Send each input as the actor, and return the problems of the responses."""
    problems = []
    for each in inputs:
        async with database.undone():
            response = await request.send(**each.changed)
        if problem := unexpected(response):
            problems.append(f"{each.what} {problem}")
        elif each.must_fail and response.status_code < ERRORS:
            problems.append(f"{each.what} is accepted with {response.status_code}")
    return problems


def raw(body: str) -> dict[str, Any]:
    """Return arguments for a body that httpx does not encode."""
    return {"json": None, "content": body.encode("utf-8", "surrogatepass"), "headers": AS_JSON}


def types_of(operation: Operation, schema: Schema) -> set[str]:
    """Return the types of JSON values that a schema permits; all if it names none."""
    found: set[str] = set()
    for each in operation.alternatives(schema):
        types = each.get("type") or ("string" if "enum" in each else [*BY_TYPE])
        for name in [types] if isinstance(types, str) else types:
            found |= {name} | ALSO.get(name, set())
    return found


@check("mistyped input", has_json)
async def test_members_of_another_type_are_refused(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    report(await problems_of(request, database, mistyped(request)))


def mistyped(request: Prepared) -> Iterator[Input]:
    operation = request.operation
    for member, schema in operation.members(operation.body).items():
        for name in BY_TYPE.keys() - types_of(operation, schema):
            body = request.body | {member: BY_TYPE[name]}
            yield Input(f"{name} as member {member}", {"json": body})
        for required in operation.body.get("required", []):
            body = {key: value for key, value in request.body.items() if key != required}
            yield Input(f"a body without member {required}", {"json": body})
        hostile = f'{{"{member}": NaN}}'
        yield Input(f"NaN as member {member}", raw(hostile))
    for text in ("[]", '"x"', "1", "null"):
        yield Input(f"the body {text}", raw(text))
    yield Input("a body that is not JSON", raw("{"))
    plain = {"headers": {"Content-Type": "text/plain"}}
    yield Input("a body as text/plain", raw(json.dumps(request.body)) | plain)


@check("oversized input", has_json)
async def test_values_and_bodies_have_a_largest_size(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    report(await problems_of(request, database, oversized(request)))


def oversized(request: Prepared) -> Iterator[Input]:
    operation = request.operation
    for member, schema in operation.members(operation.body).items():
        types = types_of(operation, schema)
        if "string" in types:
            body = request.body | {member: "x" * LONG_TEXT}
            yield Input(f"a text of {LONG_TEXT:,} characters as member {member}", {"json": body})
            blank = request.body | {member: " "}
            yield Input(f"a blank text as member {member}", {"json": blank}, must_fail=False)
            for text in ("\u0000", "\\ud800"):
                written = json.dumps(request.body | {member: "?"}).replace('"?"', f'"x{text}"')
                escaped = written.replace("\u0000", "\\u0000")
                yield Input(f"the character {text!r} in member {member}", raw(escaped), False)
        if "array" in types and isinstance(request.body.get(member, ["x"]), list):
            items = [f"{each}" for each in range(LONG_LIST)]
            body = request.body | {member: items}
            yield Input(f"a list of {LONG_LIST:,} values as member {member}", {"json": body})
        if {"integer", "number"} & types:
            for number in (HUGE, -HUGE, *LARGE):
                body = request.body | {member: number}
                yield Input(f"the number {number} as member {member}", {"json": body}, False)
    padding = " " * LONG_BODY
    yield Input(f"a body of {LONG_BODY:,} bytes", raw(padding + json.dumps(request.body)))


@check("deep input", has_json)
async def test_deeply_nested_bodies_are_refused(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    report(await problems_of(request, database, deep(request)))


def deep(request: Prepared) -> Iterator[Input]:
    for member in request.operation.members(request.operation.body):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            value = f"{opening * DEPTH}1{closing * DEPTH}"
            body = json.dumps(request.body | {member: "?"}).replace('"?"', value)
            yield Input(f"{DEPTH:,} levels in member {member}", raw(body))


@check("duplicated input", has_json)
async def test_bodies_with_a_repeated_member_are_refused(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    report(await problems_of(request, database, duplicated(request)))


def duplicated(request: Prepared) -> Iterator[Input]:
    for member, value in request.body.items():
        text = json.dumps(request.body)
        again = f"{text[:-1]}, {json.dumps(member)}: {json.dumps(value)}}}"
        yield Input(f"member {member} twice", raw(again), must_fail=False)


def places(operation: Operation) -> list[str]:
    return [*operation.parameters("query"), *NAME.findall(operation.path)]


@check("hostile parameters", lambda operation: bool(places(operation)))
async def test_hostile_parameters_are_refused(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    report(await problems_of(request, database, hostile_parameters(request)))


def hostile_parameters(request: Prepared) -> Iterator[Input]:
    operation = request.operation
    for name, schema in operation.parameters("query").items():
        for value in HOSTILE:
            is_text = "string" in types_of(operation, schema)
            is_open = is_text or "array" in types_of(operation, schema) or value == "-1"
            described = f"{value!r} as parameter {name}"
            yield Input(described, {"params": {name: value}}, must_fail=not is_open)
        for number in LARGE:
            yield Input(f"{number} as parameter {name}", {"params": {name: number}}, False)
        yield Input(f"parameter {name} twice", {"params": {name: ["1", "2"]}}, must_fail=False)
    for name in NAME.findall(operation.path):
        known = str(request.names[name])
        for value in ("x", "0", "%00", "%27%3B--", known[:-1], "9" * 1000):
            url = request.url.replace(known, value)
            yield Input(f"{value[:20]!r} as {name}", {"url": url})
        for number in LARGE:
            url = request.url.replace(known, str(number))
            yield Input(f"{number} as {name}", {"url": url}, must_fail=False)
