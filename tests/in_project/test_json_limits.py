"""Limits on JSON. They apply before JSON is parsed, because parsing blocks the event loop."""

import json
import random
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body
from httpx import AsyncClient

from app.api.routing import GuardedRoute
from app.core.json.limits import MAX_DEPTH, MAX_VALUES, is_within_limits
from tests.clients import client_of, problem
from tests.conftest import MakeApp

JSON = {"Content-Type": "application/json"}
LIMITED_JSON = f"The JSON must have at most {MAX_DEPTH} levels and {MAX_VALUES} values."


class LargeRoute(GuardedRoute):
    max_json_values = 2 * MAX_VALUES


@pytest.fixture
async def anything(make_app: MakeApp) -> AsyncClient:
    """A client of operations that accept any JSON."""

    async def take(value: Annotated[Any, Body()]) -> int:
        return len(json.dumps(value))

    app = await make_app()
    for path, route_class in {"/json": GuardedRoute, "/large/json": LargeRoute}.items():
        router = APIRouter(route_class=route_class)
        router.post(path)(take)
        app.include_router(router)
    return client_of(app)


def test_json_depth_and_value_limits_are_inclusive() -> None:
    """VAL-07, RFC 8259 9, CWE-674"""
    for depth in range(MAX_DEPTH - 3, MAX_DEPTH + 4):
        text = "[" * depth + "]" * depth
        for filled in (text, text.replace("[]", '["[[[{{{\\"[[["]'), f"[{text}, {'[],' * 99} 1]"):
            deepest = depth + filled.startswith("[[") * filled.endswith("1]")
            assert is_within_limits(filled.encode()) == (deepest <= MAX_DEPTH)
    for number in range(MAX_VALUES - 2, MAX_VALUES + 2):
        array = ["[{,\\\"'"] * number
        members = {f"[{each}": "," for each in range(number)}
        for value in (array, members):
            assert is_within_limits(json.dumps(value).encode()) == (number < MAX_VALUES)


def random_value(source: random.Random, depth: int) -> Any:
    texts = ['"', "\\", '\\"', "[", "{,", "]}", "\u00e9", "\n", '\\\\"', ",:"]
    text = "".join(source.choices(texts, k=source.randrange(5)))
    length = source.randrange(1, 5)
    kind = source.randrange(4) if depth else 0
    if kind == 1:
        return [random_value(source, depth - 1) for _ in range(length)]
    if kind:
        return {f"{each}{text}": random_value(source, depth - 1) for each in range(length)}
    return text


def count_values(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(count_values, inner))


def test_the_value_count_matches_that_of_a_json_parser() -> None:
    """VAL-07"""
    source = random.Random(1)  # noqa: S311 - reproducible
    for _ in range(300):
        # The brackets in strings exceed the depth limit, so strings must be recognized.
        value = [random_value(source, 6), *([["[" * MAX_DEPTH]] * 2)]
        text = json.dumps(value, ensure_ascii=False).encode()
        values = count_values(value)

        assert is_within_limits(text, values)
        assert not is_within_limits(text, values - 1)


HOLDING = {
    "deep": b"[" * 1000 + b"]" * 1000,
    "very deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "many numbers": b"[" + b"0," * 100_000 + b"0]",
    "many members": json.dumps({str(number): 0 for number in range(80_000)}).encode(),
    "many equal members": b"{" + b'"a":0,' * 100_000 + b'"a":0}',
    "many lists": b"[" + b"[[[]]]," * 100_000 + b"0]",
    "many objects": b"[" + b'{"a":{}},' * 50_000 + b"0]",
    "many texts": b"[" + b'"",' * 100_000 + b'""]',
}


@pytest.mark.parametrize("kind", HOLDING)
async def test_json_that_takes_long_to_parse_is_rejected(client: AsyncClient, kind: str) -> None:
    """VAL-07, VAL-23, ERR-02, CWE-400"""
    value = HOLDING[kind]
    for content in (value, b'{"refresh_token": "a", "tags": [{"unknown": ' + value + b"}]}"):
        for path in ("/api/v1/users", "/api/v1/auth/refresh"):
            response = await client.post(path, content=content, headers=JSON)

            assert response.status_code == 400
            assert problem(response)["detail"] == LIMITED_JSON


async def test_json_within_the_limits_is_accepted(anything: AsyncClient) -> None:
    """VAL-03, VAL-07"""
    for value in (
        *(sign * 900_000 for sign in ",[]{}:"),
        *(sign * 300_000 for sign in ('"', "\\", "\\n")),
        ['[{"a", ' * 1000] * 100,
        [*range(MAX_VALUES - 1)],
        [[]] * (MAX_VALUES // 2 - 1),
        {f'"{number}\\': [","] for number in range(MAX_VALUES // 2 - 1)},
    ):
        response = await anything.post("/json", content=json.dumps(value), headers=JSON)

        assert response.json() == len(json.dumps(value))


async def test_an_operation_can_raise_the_json_value_limit(anything: AsyncClient) -> None:
    """VAL-07"""
    content = json.dumps([*range(2 * MAX_VALUES - 1)])

    taken = await anything.post("/large/json", content=content, headers=JSON)
    refused = await anything.post("/json", content=content, headers=JSON)

    assert taken.json() == len(content)
    assert problem(refused)["detail"] == LIMITED_JSON
