"""The Host header and the allowed hosts."""

from itertools import product
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Headers

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
    return await make_app(allowed_hosts="Api.example.com,[::1]")


async def test_an_allowed_host_is_accepted_with_any_port(with_hosts: FastAPI) -> None:
    for host in ("api.example.com", "API.example.com", "api.example.com:8000", "[::1]", "[::1]:80"):
        response = await client_of(with_hosts, Host=host).get("/api/v1/users/me")

        assert response.status_code == 401, host


async def test_a_host_that_is_not_allowed_is_rejected_and_not_echoed(with_hosts: FastAPI) -> None:
    """HTT-05"""
    for host, path in product(OTHERS, ("/api/v1/users/me", "/health/nothing")):
        headers = {"X-Forwarded-Host": "api.example.com", "Host": host}

        response = await client_of(with_hosts, **headers).get(path)

        assert response.status_code == 400, host
        assert problem(response)["detail"] == "The Host header is missing, invalid or not allowed."
        assert "evil" not in response.text


@pytest.mark.parametrize("hosts", ["api.example.com,[::1]", "*", ""])
async def test_a_request_with_two_host_headers_is_rejected(make_app: MakeApp, hosts: str) -> None:
    """HTT-05"""
    client = client_of(await make_app(allowed_hosts=hosts))
    twice = Headers([("Host", "api.example.com"), ("Host", "api.example.com")])

    for path in ("/api/v1/users/me", "/health", "/ready"):
        response = await client.get(path, headers=twice)

        assert response.status_code == 400, path
        problem(response)


@pytest.mark.parametrize(
    "host", ["[", "a/b", "a?b", "a#b", "a b", "é", "@", "a@b", "a:b", "a:", "", "a,b", "[::1"]
)
async def test_an_invalid_host_header_is_rejected_with_400(client: AsyncClient, host: str) -> None:
    """HTT-05, ERR-03, RFC 9112 3.2"""
    for path in ("/nothing", "/health", "/health/"):
        response = await client.get(path, headers={b"Host": host.encode("latin-1")})

        assert response.status_code == 400
        assert problem(response)["instance"] == path


async def test_health_probes_are_accepted_with_any_host(with_hosts: FastAPI) -> None:
    for host in ("10.0.0.1:8000", "[fd00::1]:8000", "service_1"):
        client = client_of(with_hosts, Host=host)

        responses = [await client.get(path) for path in ("/health", "/ready")]

        assert [response.status_code for response in responses] == [200, 200]


async def test_any_host_is_accepted_without_allowed_hosts(make_app: MakeApp) -> None:
    for hosts in ("*", ""):
        client = client_of(await make_app(allowed_hosts=hosts), Host="any.example")

        assert (await client.get("/api/v1/users/me")).status_code == 401


@pytest.mark.parametrize(
    ("version", "path", "status"),
    [("1.1", "/health", 400), ("1.0", "/health", 200), ("1.0", "/nothing", 400)],
)
async def test_only_http_1_0_health_probes_may_omit_the_host_header(
    with_hosts: FastAPI, version: str, path: str, status: int
) -> None:
    """HTT-05, RFC 9112 3.2"""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [],
        "http_version": version,
        "query_string": b"",
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    await with_hosts(scope, receive, send)

    assert sent[0]["status"] == status
