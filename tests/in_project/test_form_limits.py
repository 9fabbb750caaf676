"""Limits on forms. They apply before a form is parsed, because parsing blocks the event loop."""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, Request, UploadFile
from httpx import AsyncClient

from app.api.routing import MAX_FORM_BYTES, GuardedRoute
from app.models.user import User
from tests.clients import PASSWORD, client_of, problem
from tests.conftest import MakeApp

TOKEN = "/api/v1/auth/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
TOO_LARGE = f"The body must have at most {MAX_FORM_BYTES} bytes."
SIGN_IN = f"username=ada%40example.com&password={PASSWORD}"
MEBIBYTE = 2**20


@pytest.fixture
async def anything(make_app: MakeApp) -> AsyncClient:
    """A client of operations that accept any form, or a file."""

    async def take_form(request: Request) -> int:
        return len((await request.form()).multi_items())

    async def take_file(file: UploadFile) -> int:
        return len(await file.read())

    app, router = await make_app(), APIRouter(route_class=GuardedRoute)
    router.post("/form")(take_form)
    router.post("/file", form_limits={"max_files": 1})(take_file)
    app.include_router(router)
    return client_of(app)


async def in_parts(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def file_form(size: int) -> bytes:
    disposition = b'Content-Disposition: form-data; name="file"; filename="a"'
    return b"--b\r\n" + disposition + b"\r\n\r\n" + b"x" * size + b"\r\n--b--\r\n"


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_form_above_the_size_limit_is_rejected(
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
async def test_a_form_that_takes_long_to_parse_is_rejected(
    client: AsyncClient, media_type: dict[str, str], repeated: bytes
) -> None:
    """RES-05, TOK-16, ERR-02, CWE-400"""
    content = repeated * (MEBIBYTE // len(repeated))

    response = await client.post(TOKEN, content=content, headers=media_type)

    assert response.status_code == 413
    described = problem(response)
    assert (described["detail"], described["error"]) == (TOO_LARGE, "invalid_request")
    assert response.headers["cache-control"] == "no-store"


async def test_form_limits_apply_to_operations_that_parse_the_form_themselves(
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


async def test_an_operation_can_accept_files_above_the_form_limit(
    anything: AsyncClient,
) -> None:
    """RES-05"""
    content = file_form(MEBIBYTE // 2)

    taken = await anything.post("/file", content=content, headers=MULTIPART)
    refused = await anything.post("/file", content=content, headers=FORM)

    assert taken.json() == MEBIBYTE // 2
    assert problem(refused)["detail"] == TOO_LARGE
