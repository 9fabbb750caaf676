"""A started service, used with real OAuth 2.0 libraries."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from oauthlib.oauth2 import InvalidGrantError, InvalidScopeError, LegacyApplicationClient
from requests_oauthlib import OAuth2Session

from tests.support.documented_commands import HOW_TOS, blocks
from tests.support.processes import uv
from tests.support.services import Install, free_port
from tests.support.started_service import START, STARTED, wait_for

STACK = "pyjwt-pwdlib"
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
HOW_TO = f"{HOW_TOS}/use-an-oauth-library.md"
DOCUMENTED = "http://127.0.0.1:8000"
LONG_AGO = 1  # a Unix timestamp
# Nothing is sent over a network here, so these libraries may use plain HTTP.
INSECURE = {"OAUTHLIB_INSECURE_TRANSPORT": "1", "AUTHLIB_INSECURE_TRANSPORT": "1"}

# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)


@pytest.fixture(scope="module")
def url(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the service as in production, with one account; return its URL."""
    service, port = install(auth_stack=STACK), free_port()
    settings = {"BIND": f"127.0.0.1:{port}", "METRICS_PORT": "0", "RATE_LIMIT_LOGIN": "100/minute"}
    url = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("oauth") / "log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            [uv(), "run", "--exact", "-q", "python", "-m", "dev", "sh", "-ec", START],
            cwd=service.folder,
            env=os.environ | service.environment | settings,
            stdout=said,
            stderr=said,
        ) as process,
    ):
        try:
            wait_for(lambda: STARTED in log.read_text(), "The service did not start.")
            account = {"email": EMAIL, "password": PASSWORD}
            requests.post(f"{url}/api/v1/users", json=account, timeout=30).raise_for_status()
            yield url
        finally:
            process.terminate()
    assert PASSWORD not in log.read_text()


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in INSECURE.items():
        monkeypatch.setenv(name, value)


def requests_session(
    url: str, client: LegacyApplicationClient, options: dict[str, Any]
) -> OAuth2Session:
    """Log in with requests-oauthlib; return the session, which refreshes tokens automatically."""
    session = OAuth2Session(
        client=client,
        auto_refresh_url=f"{url}/api/v1/auth/token",
        auto_refresh_kwargs={"client_id": "my-app"},
        token_updater=lambda _token: None,
    )
    session.fetch_token(f"{url}/api/v1/auth/token", username=EMAIL, password=PASSWORD, **options)
    return session


@pytest.mark.parametrize("options", [{}, {"include_client_id": True}, {"auth": False}], ids=str)
def test_requests_oauthlib_logs_in_refreshes_and_revokes(url: str, options: dict[str, Any]) -> None:
    """TOK-15, TOK-16, SES-01, SES-04. The client's credentials are in a header or in the form."""
    client = LegacyApplicationClient(client_id="my-app")
    session = requests_session(url, client, options)
    me, token_url = f"{url}/api/v1/users/me", f"{url}/api/v1/auth/token"
    assert session.get(me).json()["email"] == EMAIL
    first = dict(session.token)

    session.refresh_token(token_url)
    second = dict(session.token)
    session.token = second | {"expires_at": LONG_AGO}
    assert session.get(me).status_code == 200
    third = dict(session.token)

    assert len({token["refresh_token"] for token in (first, second, third)}) == 3
    revocation_url, headers, body = client.prepare_token_revocation_request(
        f"{url}/api/v1/auth/revoke", third["refresh_token"], "refresh_token"
    )
    for _ in range(2):
        revoked = requests.post(revocation_url, headers=headers, data=body, timeout=30)
        assert (revoked.status_code, revoked.content) == (200, b"")
    assert session.get(me).status_code == 401
    with pytest.raises(InvalidGrantError, match="refresh token is not valid"):
        session.refresh_token(token_url)


def test_requests_oauthlib_raises_the_error_of_a_refusal(url: str) -> None:
    """TOK-16"""
    token_url, client = f"{url}/api/v1/auth/token", LegacyApplicationClient(client_id="my-app")
    scoped = OAuth2Session(client=LegacyApplicationClient(client_id="my-app", scope="admin"))

    with pytest.raises(InvalidScopeError):
        scoped.fetch_token(token_url, username=EMAIL, password=PASSWORD)
    with pytest.raises(InvalidGrantError, match="e-mail address or password is wrong"):
        OAuth2Session(client=client).fetch_token(token_url, username=EMAIL, password="wrong")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_authlib_logs_in_refreshes_and_revokes(url: str, method: str) -> None:
    """TOK-15, TOK-16, SES-01, SES-04"""
    me, token_url = f"{url}/api/v1/users/me", f"{url}/api/v1/auth/token"
    updated: list[str] = []
    with OAuth2Client(
        "my-app",
        "secret",
        token_endpoint=token_url,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        update_token=lambda token, **_old: updated.append(token["refresh_token"]),
    ) as client:
        first = dict(client.fetch_token(token_url, username=EMAIL, password=PASSWORD))
        assert client.get(me).json()["email"] == EMAIL
        second = dict(client.refresh_token(token_url))
        client.token = second | {"expires_at": LONG_AGO}
        assert client.get(me).status_code == 200
        third = dict(client.token)

        assert len({token["refresh_token"] for token in (first, second, third)}) == 3
        assert third["refresh_token"] == updated[-1]
        for _ in range(2):
            revoked = client.revoke_token(
                f"{url}/api/v1/auth/revoke", third["access_token"], "access_token"
            )
            assert (revoked.status_code, revoked.content) == (200, b"")
        assert client.get(me).status_code == 401
        with pytest.raises(OAuthError, match="invalid_grant"):
            client.refresh_token(token_url)


def test_authlib_raises_the_error_of_a_refusal(url: str) -> None:
    """TOK-16"""
    token_url = f"{url}/api/v1/auth/token"
    with OAuth2Client("my-app") as client:
        for sent, error in (
            ({"username": EMAIL, "password": "wrong"}, "invalid_grant"),
            ({"username": EMAIL, "password": PASSWORD, "scope": "admin"}, "invalid_scope"),
            ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
            ({"grant_type": "password", "username": EMAIL}, "invalid_request"),
        ):
            with pytest.raises(OAuthError, match=error):
                client.fetch_token(token_url, **sent)


def test_the_documented_programs_work(url: str, tmp_path: Path) -> None:
    """Each program of the how-to logs in, refreshes, revokes, and prints the user's address."""
    programs = blocks(HOW_TO, "python")
    assert len(programs) == 2
    for number, program in enumerate(programs):
        path = tmp_path / f"program{number}.py"
        path.write_text(program.replace(DOCUMENTED, url))
        done = subprocess.run(
            [sys.executable, path],
            env=os.environ | INSECURE,
            capture_output=True,
            text=True,
            check=True,
        )
        assert re.findall(r"\S+@\S+", done.stdout) == [EMAIL]
