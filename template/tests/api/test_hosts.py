"""Under which names the service may be called."""

import pytest
from fastapi import FastAPI
from httpx import Headers

from tests.clients import client_of, problem
from tests.conftest import MakeApp

OTHERS = (
    "evil.example",
    "",
    "api.example.com.evil.example",
    "evil-api.example.com",
    "api.example.com:80:80",
    "api.example.com@evil.example",
    "api.example.com, evil.example",
    "127.0.0.1",
)


@pytest.fixture
async def with_hosts(make_app: MakeApp) -> FastAPI:
    return await make_app(allowed_hosts="api.example.com,[::1]")


async def test_a_named_host_is_served_on_any_port(with_hosts: FastAPI) -> None:
    for host in ("api.example.com", "API.example.com", "api.example.com:8000", "[::1]", "[::1]:80"):
        response = await client_of(with_hosts, Host=host).get("/api/v1/users/me")

        assert response.status_code == 401, host


async def test_any_other_host_is_refused_and_not_repeated(with_hosts: FastAPI) -> None:
    """HTT-05"""
    for host in OTHERS:
        headers = {"X-Forwarded-Host": "api.example.com", "Host": host}

        response = await client_of(with_hosts, **headers).get("/api/v1/users/me")

        assert response.status_code == 400, host
        assert problem(response)["detail"] == "This host is not served here."
        assert "evil" not in response.text


async def test_two_hosts_are_refused(with_hosts: FastAPI) -> None:
    """HTT-05"""
    twice = Headers([("Host", "api.example.com"), ("Host", "api.example.com")])

    response = await client_of(with_hosts).get("/api/v1/users/me", headers=twice)

    assert response.status_code == 400
    problem(response)


async def test_probes_may_come_by_address(with_hosts: FastAPI) -> None:
    client = client_of(with_hosts, Host="10.0.0.1:8000")

    responses = [await client.get(path) for path in ("/health", "/ready")]

    assert [response.status_code for response in responses] == [200, 200]


async def test_without_named_hosts_any_is_served(make_app: MakeApp) -> None:
    client = client_of(await make_app(allowed_hosts="*"), Host="any.example")

    assert (await client.get("/api/v1/users/me")).status_code == 401
