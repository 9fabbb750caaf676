"""Bodies are bounded before they are parsed, since the event loop stops while they are."""

import json
import random
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, Request, UploadFile
from httpx import AsyncClient

from app.api.guarded_route import GuardedRoute
from app.api.strict_request import MAX_FORM_BYTES
from app.core.json_limits import MAX_DEPTH, MAX_VALUES, is_within_limits
from app.models.user import User
from tests.clients import PASSWORD, client_of, problem
from tests.conftest import MakeApp

TOKEN = "/api/v1/auth/token"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
TOO_LARGE = f"The body must have {MAX_FORM_BYTES} bytes or less."
SIGN_IN = f"username=ada%40example.com&password={PASSWORD}"
MEBIBYTE = 2**20
LIMITED_JSON = f"The JSON must have {MAX_DEPTH} levels and {MAX_VALUES} values or less."


class LargeRoute(GuardedRoute):
    max_json_values = 2 * MAX_VALUES


@pytest.fixture
async def anything(make_app: MakeApp) -> AsyncClient:
    """Operations that take any JSON, any form, and a file."""
    app = await make_app()
    app.include_router(router(GuardedRoute))
    app.include_router(router(LargeRoute), prefix="/large")
    return client_of(app)


def router(route_class: type[GuardedRoute]) -> APIRouter:
    async def take_json(value: Annotated[Any, Body()]) -> int:
        return len(json.dumps(value))

    async def take_form(request: Request) -> int:
        return len((await request.form()).multi_items())

    async def take_file(file: UploadFile) -> int:
        return len(await file.read())

    made = APIRouter(route_class=route_class)
    made.post("/json")(take_json)
    made.post("/form")(take_form)
    made.post("/file", form_limits={"max_files": 1})(take_file)
    return made


async def in_parts(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def file_form(size: int) -> bytes:
    disposition = b'Content-Disposition: form-data; name="file"; filename="a"'
    return b"--b\r\n" + disposition + b"\r\n\r\n" + b"x" * size + b"\r\n--b--\r\n"


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_form_may_be_as_large_as_the_limit(
    client: AsyncClient, user: User, is_chunked: bool
) -> None:
    """RES-05, CWE-400"""
    for size, status in ((MAX_FORM_BYTES, 200), (MAX_FORM_BYTES + 1, 413)):
        form = SIGN_IN.ljust(size, "&").encode()
        content = in_parts(form) if is_chunked else form

        response = await client.post(TOKEN, content=content, headers=FORM)

        assert response.status_code == status


@pytest.mark.parametrize("media_type", [FORM, MULTIPART], ids=["urlencoded", "multipart"])
@pytest.mark.parametrize(
    "repeated", [b"%41", b"&", b"a&", b"a=%41&", b";", b"\r\n--b ", b"\r\n--bx"]
)
async def test_a_form_that_takes_long_to_parse_is_refused(
    client: AsyncClient, media_type: dict[str, str], repeated: bytes
) -> None:
    """RES-05, TOK-16, ERR-02, CWE-400"""
    content = repeated * (MEBIBYTE // len(repeated))

    response = await client.post(TOKEN, content=content, headers=media_type)

    assert response.status_code == 413
    described = problem(response)
    assert (described["detail"], described["error"]) == (TOO_LARGE, "invalid_request")
    assert response.headers["cache-control"] == "no-store"


async def test_a_form_is_not_read_beyond_the_limit(client: AsyncClient) -> None:
    """RES-02, RES-05"""
    taken = []

    async def content() -> AsyncIterator[bytes]:
        async for part in in_parts(SIGN_IN.ljust(MEBIBYTE, "&").encode()):
            taken.append(part)
            yield part

    response = await client.post(TOKEN, content=content(), headers=FORM)

    assert response.status_code == 413
    assert len(taken) <= 10


async def test_an_operation_that_reads_its_form_itself_has_the_same_limits(
    anything: AsyncClient,
) -> None:
    """RES-05"""
    for form, status in {
        "&".join(["a=1"] * 20): 200,
        "&".join(["a=1"] * 21): 400,
        "a=" + "1" * MAX_FORM_BYTES: 413,
    }.items():
        response = await anything.post("/form", content=form, headers=FORM)

        assert response.status_code == status


async def test_an_operation_may_take_files_that_are_larger_than_forms(
    anything: AsyncClient,
) -> None:
    """RES-05"""
    content = file_form(MEBIBYTE // 2)

    taken = await anything.post("/file", content=content, headers=MULTIPART)
    refused = await anything.post("/file", content=content, headers=FORM)

    assert taken.json() == MEBIBYTE // 2
    assert problem(refused)["detail"] == TOO_LARGE


def nested(depth: int) -> str:
    return '[{"a": ' * (depth // 2) + "[" * (depth % 2) + "]" * (depth % 2) + "}]" * (depth // 2)


def test_json_is_within_limits_exactly_up_to_them() -> None:
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


def test_values_are_counted_as_a_parser_would() -> None:
    """VAL-07"""
    source = random.Random(1)  # noqa: S311, the same texts each time
    for _ in range(300):
        # Deep enough that nothing is decided without a look at the strings.
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
async def test_json_that_takes_long_to_parse_is_refused(client: AsyncClient, kind: str) -> None:
    """VAL-07, VAL-23, ERR-02, CWE-400"""
    value = HOLDING[kind]
    for content in (value, b'{"refresh_token": "a", "tags": [{"unknown": ' + value + b"}]}"):
        for path in ("/api/v1/users", "/api/v1/auth/refresh"):
            response = await client.post(path, content=content, headers=JSON)

            assert response.status_code == 400
            assert problem(response)["detail"] == LIMITED_JSON


async def test_json_within_the_limits_is_taken(anything: AsyncClient) -> None:
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


async def test_an_operation_may_take_more_values(anything: AsyncClient) -> None:
    """VAL-07"""
    content = json.dumps([*range(2 * MAX_VALUES - 1)])

    taken = await anything.post("/large/json", content=content, headers=JSON)
    refused = await anything.post("/json", content=content, headers=JSON)

    assert taken.json() == len(content)
    assert problem(refused)["detail"] == LIMITED_JSON
