"""Minimal examples: a test of an operation, and a test of a rate limit."""

from fastapi import Request
from httpx import ASGITransport, AsyncClient

from app.main import create_app
from tests.conftest import MakeSettings


async def test_a_user_can_be_created(client: AsyncClient) -> None:
    response = await client.post(
        "/api/v1/users",
        json={
            "email": "test@example.com",
            "password": "testpassword123",
        },
    )
    assert response.status_code == 201
    assert response.json()["email"] == "test@example.com"


async def test_the_limit_decorator_rejects_excess_requests(make_settings: MakeSettings) -> None:
    app = create_app(make_settings(rate_limit_enabled=True))
    limiter = app.state.limiter

    @app.get("/limited")
    @limiter.limit("10/minute")  # type: ignore[untyped-decorator] # slowapi has no type hints
    async def limited_endpoint(request: Request) -> dict[str, str]:
        return {"message": "This endpoint is rate limited"}

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answers = [await client.get("/limited") for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert answers[-1].headers["retry-after"] == "60"
