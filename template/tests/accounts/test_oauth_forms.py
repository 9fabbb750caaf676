"""Forms of OAuth 2.0 libraries: refresh, revocation and errors."""

import re

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from app.models.user import User
from tests.clients import PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeApp

TOKEN = "/api/v1/auth/token"
REVOKE = "/api/v1/auth/revoke"
ME = "/api/v1/users/me"
LOGIN = {"username": "ada@example.com", "password": PASSWORD}
ALLOWED = re.compile(r"[ !#-\[\]-~]+")  # RFC 6749 5.2


async def refresh(client: AsyncClient, token: str, **more: str) -> Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, **more}
    return await client.post(TOKEN, data=form)


async def test_a_form_exchanges_a_refresh_token_once(
    app: FastAPI, client: AsyncClient, user: User
) -> None:
    """SES-01, SES-02, TOK-15. RFC 6749 3.2: parameters that a refresh does not use are ignored."""
    first = (await sign_in(client, user.email)).json()

    refreshed = await refresh(client, first["refresh_token"], username="x", other="x")
    second = refreshed.json()
    me = await client_of(app, second["access_token"]).get(ME)
    again = await refresh(client, first["refresh_token"])

    assert refreshed.status_code == 200
    assert refreshed.headers["cache-control"] == "no-store"
    assert second.keys() == first.keys()
    assert me.status_code == 200
    assert again.status_code == 400
    assert problem(again)["error"] == "invalid_grant"
    assert (await client_of(app, second["access_token"]).get(ME)).status_code == 401


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "other"])
async def test_a_revoked_token_ends_only_its_session(
    app: FastAPI, client: AsyncClient, user: User, kind: str, hint: str
) -> None:
    """SES-04, SES-05. RFC 7009 2.1: a wrong hint makes no difference."""
    tokens, other = [(await sign_in(client, user.email)).json() for _ in range(2)]

    form = {"token": tokens[kind], "token_type_hint": hint, "other": "x"}
    responses = [await client.post(REVOKE, data=form) for _ in range(2)]

    for response in responses:
        assert (response.status_code, response.content) == (200, b"")
        assert "content-type" not in response.headers
    assert (await client_of(app, tokens["access_token"]).get(ME)).status_code == 401
    assert (await refresh(client, tokens["refresh_token"])).status_code == 400
    assert (await client_of(app, other["access_token"]).get(ME)).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "A" * 64, "A" * 4096, "\x00", "é"])
async def test_the_revocation_of_an_invalid_token_is_a_success(
    client: AsyncClient, token: str
) -> None:
    """RFC 7009 2.2"""
    assert (await client.post(REVOKE, data={"token": token})).status_code == 200


REFUSALS: dict[str, tuple[str, str, str]] = {
    "no token": (TOKEN, "grant_type=refresh_token", "refresh_token: Field required."),
    "empty token": (TOKEN, "grant_type=refresh_token&refresh_token=", "refresh_token: "),
    "long token": (TOKEN, f"grant_type=refresh_token&refresh_token={'A' * 201}", "refresh_token: "),
    "no name": (TOKEN, "grant_type=password&password=x", "username: Field required."),
    "repeated": (TOKEN, "username=a&username=b&password=x", "The form must not repeat"),
    "repeated grant": (TOKEN, "grant_type=password&grant_type=other", "The form must not repeat"),
    "repeated unknown": (TOKEN, "username=a&password=x&b=1&b=2", "The form must not repeat"),
    "unknown": (TOKEN, "username=a&password=x&b%22%5C%E9=1", "b"),
    "NUL": (TOKEN, "username=%00&password=x", "username: "),
    "nothing to revoke": (REVOKE, "token_type_hint=access_token", "token: Field required."),
    "empty revocation": (REVOKE, "token=", "token: Field required."),
    "two to revoke": (REVOKE, "token=a&token=b", "The form must not repeat"),
    "long revocation": (REVOKE, f"token={'A' * 4097}", "token: "),
}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refused_form_is_an_invalid_request(client: AsyncClient, refusal: str) -> None:
    """TOK-16, ERR-02"""
    url, form, description = REFUSALS[refusal]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    response = await client.post(url, content=form, headers=headers)

    assert response.status_code == 400
    described = problem(response)
    assert described["error"] == "invalid_request"
    assert described["error_description"].startswith(description)
    assert ALLOWED.fullmatch(described["error_description"])


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token ", "scope": "x"}, "unsupported_grant_type"),
        ({"scope": "openid"}, "invalid_scope"),
    ],
)
async def test_unknown_grants_and_scopes_have_errors_of_their_own(
    client: AsyncClient, more: dict[str, str], error: str
) -> None:
    """TOK-16"""
    responses = [
        await client.post(TOKEN, data=LOGIN | more),
        await refresh(client, "A" * 64, **more),
    ]

    assert [response.status_code for response in responses] == [400, 400]
    assert [problem(response)["error"] for response in responses] == [error, error]


@pytest.mark.parametrize("url", [TOKEN, REVOKE])
async def test_a_body_that_is_no_form_is_an_invalid_request(client: AsyncClient, url: str) -> None:
    """TOK-16, VAL-09"""
    response = await client.post(url, json=LOGIN)

    assert response.status_code == 400
    assert problem(response)["error"] == "invalid_request"
    assert response.json()["error_description"] == (
        "The body must be a form: application/x-www-form-urlencoded."
    )


async def test_refreshes_do_not_count_as_logins(make_app: MakeApp, user: User) -> None:
    """RTL-01, RTL-02. Libraries need `error`: Authlib takes any other JSON for a token."""
    client = client_of(await make_app(rate_limit_enabled=True, rate_limit_login="2/year"))
    tokens = (await sign_in(client, user.email)).json()
    for _ in range(3):
        tokens = (await refresh(client, tokens["refresh_token"])).json()

    logins = [await sign_in(client, user.email) for _ in range(2)]

    assert [login.status_code for login in logins] == [200, 429]
    assert problem(logins[1])["error"] == "temporarily_unavailable"
    assert int(logins[1].headers["retry-after"]) >= 1


async def test_login_is_described_as_the_oauth2_password_flow(app: FastAPI) -> None:
    description = app.openapi()
    scheme = {
        "type": "oauth2",
        "description": "The username is the e-mail address.",
        "flows": {"password": {"scopes": {}, "tokenUrl": TOKEN, "refreshUrl": TOKEN}},
    }

    assert description["components"]["securitySchemes"] == {"OAuth2PasswordBearer": scheme}
    me = description["paths"]["/api/v1/users/me"]
    assert all(each["security"] == [{"OAuth2PasswordBearer": []}] for each in me.values())
    assert description["paths"]["/api/v1/users"]["post"]["security"] == []
