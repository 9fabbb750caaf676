"""HTTP methods."""

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.logs import LogLines

TOKEN = "/api/v1/auth/token"
USERS = "/api/v1/users"
ME = "/api/v1/users/me"


def without_id(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "x-request-id"}


async def test_a_head_response_has_the_status_and_headers_of_get_and_no_body(
    authenticated_client: AsyncClient,
) -> None:
    """HTT-03"""
    for path in ("/health", "/ready", ME, "/nothing"):
        got = await authenticated_client.get(path)
        headed = await authenticated_client.head(path)

        assert got.content
        assert headed.content == b""
        assert headed.status_code == got.status_code
        assert without_id(dict(headed.headers)).keys() == without_id(dict(got.headers)).keys()
        if got.status_code == 200:
            assert headed.headers["content-length"] == got.headers["content-length"]


async def test_a_head_request_is_logged_as_head(client: AsyncClient, log_lines: LogLines) -> None:
    await client.head("/health")

    assert [line["method"] for line in log_lines() if line["event"] == "request"] == ["HEAD"]


async def test_a_head_request_requires_authentication(client: AsyncClient) -> None:
    """AUZ-01, HTT-03"""
    response = await client.head(ME)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "TRACE", "CONNECT", "OPTIONS", "BREW"])
async def test_an_unsupported_method_returns_405_and_the_allowed_methods(
    client: AsyncClient, method: str
) -> None:
    """HTT-02, HTT-03, RFC 9110 15.5.6"""
    response = await client.request(method, TOKEN, headers={"X-Echo": "canary"})

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    if method == "HEAD":
        assert response.content == b""
    else:
        assert problem(response)["error_code"] == "METHOD_NOT_ALLOWED"
    assert "canary" not in response.text


async def test_the_allow_header_lists_all_methods_of_a_path(client: AsyncClient) -> None:
    """HTT-02, RFC 9110 15.5.6"""
    response = await client.put(ME)

    assert response.headers["allow"] == "DELETE, GET, HEAD, PATCH"


async def test_me_is_not_accepted_as_a_user_id(admin_client: AsyncClient) -> None:
    """HTT-02. Administrators have the operation `DELETE /users/{user_id}/sessions`."""
    response = await admin_client.delete(f"{ME}/sessions")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]
)
async def test_method_override_headers_and_parameters_are_ignored(
    authenticated_client: AsyncClient, user: User, name: str
) -> None:
    """HTT-01"""
    overridden = await authenticated_client.get(
        ME, headers={name: "DELETE"}, params={"_method": "DELETE"}
    )
    refused = await authenticated_client.put(ME, headers={name: "DELETE"})

    assert overridden.status_code == 200
    assert overridden.json()["id"] == str(user.id)
    assert refused.status_code == 405


async def test_an_options_request_is_rejected_if_no_origins_are_allowed(make_app: MakeApp) -> None:
    """HTT-03"""
    response = await client_of(await make_app(), Origin="https://a.example").options(ME)

    assert response.status_code == 405
    assert "access-control-allow-origin" not in response.headers
