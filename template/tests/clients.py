"""Clients of the application, and its clock and secrets in tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.core.auth.password_hash import get_password_hash

# Longer than a SHA-512 digest, so that it is long enough for every HMAC algorithm.
SECRET_KEY = "only for tests: 0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PASSWORD = "testpassword123"
HASHED_PASSWORD = get_password_hash(PASSWORD)
# A bcrypt hash of `PASSWORD` with the lowest cost, in the form that older applications stored.
BCRYPT_HASH = "$2b$04$EixZaYVK1fsbw1ZfbX3OXeiK6j6iUzAdxSwboDqpha4L2apli2Sci"


class StoppedClock:
    """A clock that changes only when a test advances it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def client_of(
    app: FastAPI, token: str | None = None, *, address: str = "127.0.0.1", **headers: str
) -> AsyncClient:
    """Return a client of `app`; without a token, the client is anonymous."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    transport = ASGITransport(app, client=(address, 50_000))
    return AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def sign_in(client: AsyncClient, username: str, password: str = PASSWORD) -> Response:
    """Log in, and return the response, which contains the tokens."""
    form = {"username": username, "password": password}
    return await client.post("/api/v1/auth/token", data=form)


def problem(response: Response) -> dict[str, Any]:
    """Check the members that all problem details have, and return the problem details."""
    assert response.headers["content-type"] == "application/problem+json"
    described: dict[str, Any] = response.json()
    assert described["type"] == "about:blank"
    assert described["status"] == response.status_code
    assert described["instance"] == quote(response.request.url.path)
    assert described["request_id"] == response.headers["x-request-id"]
    assert all(described[member] for member in ("title", "detail", "error_code"))
    return described


def refused_parameter(response: Response) -> str:
    """Return the name of the parameter that a 422 response rejects."""
    assert response.status_code == 422
    error = problem(response)["errors"][0]
    assert error["message"]
    return str(error["loc"][1])
