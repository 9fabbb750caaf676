"""Request bodies that are forms, such as that of a login."""

import pytest
from httpx import AsyncClient

from app.api.routing import MAX_FORM_BYTES
from app.models.user import User
from tests.clients import PASSWORD, problem

TOKEN = "/api/v1/auth/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


def parts(*disposition: str, header: str = "") -> bytes:
    each = [
        f"--b\r\nContent-Disposition: form-data; {how}\r\n{header}\r\nx\r\n" for how in disposition
    ]
    return "".join([*each, "--b--\r\n"]).encode()


MULTIPARTS = {
    "nothing": b"",
    "no end": parts('name="username"')[:-9],
    "many fields": parts(*['name="a"'] * 5000),
    "many files": parts(*['name="a"; filename="a"'] * 5000),
    "a file": parts('name="username"; filename="a"', 'name="password"'),
    "no name": parts("x"),
    "a long header": parts('name="a"', header="X-Long: " + "x" * 100_000 + "\r\n"),
    "many headers": parts('name="a"', header="X-Many: x\r\n" * 5000),
    "too many fields": parts(*['name="a"'] * 21),
    "too many headers": parts('name="a"', header="X-Many: x\r\n" * 500),
    "another boundary": parts('name="a"').replace(b"--b", b"--c"),
}


def refusals(form: bytes) -> set[int]:
    return {413} if len(form) > MAX_FORM_BYTES else {400, 422}


async def test_invalid_multipart_forms_are_rejected(client: AsyncClient, user: User) -> None:
    """RES-05"""
    for kind, content in MULTIPARTS.items():
        response = await client.post(TOKEN, content=content, headers=MULTIPART)

        assert response.status_code in refusals(content), kind
        assert problem(response)["error"] == "invalid_request"


async def test_a_form_with_a_file_is_rejected(client: AsyncClient) -> None:
    """RES-05"""
    response = await client.post(TOKEN, content=MULTIPARTS["a file"], headers=MULTIPART)

    assert problem(response)["detail"] == "Too many files. Maximum number of files is 0."


async def test_a_form_with_too_many_fields_is_rejected(client: AsyncClient) -> None:
    """RES-05, TOK-16"""
    response = await client.post(TOKEN, content="&".join(["a=1"] * 21), headers=FORM)

    assert response.status_code == 400
    described = problem(response)
    assert described["detail"] == "Too many fields. Maximum number of fields is 20."
    assert described["error"] == "invalid_request"


@pytest.mark.parametrize(
    "form",
    [
        *("&".join(["a=1"] * 3000), "&".join(f"a{n}=1" for n in range(3000)), "username=&" * 3000),
        *("username=%FF&password=%FF", "username=%00&password=%00", "username=%&password=%zz"),
        *("username=\xff&password=\xff", "&" * 100_000, "=" * 100_000, "", ";", "username"),
        f"username=ada%40example.com&username=x&password={PASSWORD}",
    ],
    ids=lambda form: form[:20],
)
async def test_an_invalid_form_is_rejected(client: AsyncClient, user: User, form: str) -> None:
    """RES-05, VAL-01, VAL-10, VAL-18"""
    content = form.encode("latin-1")

    response = await client.post(TOKEN, content=content, headers=FORM)

    assert response.status_code in refusals(content)
    problem(response)


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "text/plain", "multipart/form-data", "multipart/mixed; boundary=b"],
)
async def test_a_form_with_another_content_type_is_rejected(
    client: AsyncClient, user: User, media_type: str
) -> None:
    """VAL-09"""
    form = f"username={user.email}&password={PASSWORD}".encode()

    response = await client.post(TOKEN, content=form, headers={"Content-Type": media_type})

    assert response.status_code in {400, 422}
    problem(response)
