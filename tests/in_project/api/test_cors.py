"""Cross-origin resource sharing (CORS)."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from tests.clients import client_of, problem
from tests.conftest import MakeApp

ORIGIN = "https://app.example.com"
OTHERS = (
    "null",
    "*",
    "https://evil.example",
    "http://app.example.com",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com/",
    "https://APP.example.com",
    "https://app.example.com https://evil.example",
    "",
)
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture
async def with_cors(make_app: MakeApp) -> FastAPI:
    return await make_app(cors_origins=f"{ORIGIN}, http://localhost:3000")


async def test_an_allowed_origin_can_read_responses_and_errors(with_cors: FastAPI) -> None:
    """COR-01, COR-03"""
    for path in ("/health", "/nothing", "/api/v1/users/me"):
        response = await client_of(with_cors, Origin=ORIGIN).get(path)

        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert response.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in response.headers
        assert "X-Request-ID" in response.headers["access-control-expose-headers"]


async def test_a_preflight_from_an_allowed_origin_succeeds(with_cors: FastAPI) -> None:
    """COR-03"""
    client = client_of(with_cors, Origin=ORIGIN)

    response = await client.options("/api/v1/users", headers=PREFLIGHT)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-allow-methods"] == "GET, POST, PATCH, DELETE"
    assert "authorization" in response.headers["access-control-allow-headers"].lower()


async def test_cors_allows_conditional_and_idempotency_headers(with_cors: FastAPI) -> None:
    """COR-03, HTT-10, HTT-14"""
    client = client_of(with_cors, Origin=ORIGIN)
    asked = {"Access-Control-Request-Headers": "if-match,if-none-match,idempotency-key"}

    preflight = await client.options("/api/v1/users", headers=PREFLIGHT | asked)
    response = await client.get("/health")

    assert preflight.status_code == 200
    exposed = response.headers["access-control-expose-headers"].split(", ")
    assert {"ETag", "Idempotency-Replayed", "Location"} < {*exposed}


async def test_a_forbidden_origin_gets_no_allow_origin_header(with_cors: FastAPI) -> None:
    """COR-01, COR-02"""
    for origin in OTHERS:
        client = client_of(with_cors, Origin=origin)
        responses = [
            await client.get("/health"),
            await client.get("/nothing"),
            await client.options("/api/v1/users", headers=PREFLIGHT),
        ]

        for response in responses:
            assert "access-control-allow-origin" not in response.headers, origin


async def test_a_forbidden_origin_sent_with_an_allowed_origin_is_not_allowed(
    with_cors: FastAPI,
) -> None:
    """COR-01"""
    for origins in ([ORIGIN, "https://evil.example"], ["https://evil.example", ORIGIN]):
        for header in (
            [("Origin", origin) for origin in origins],
            [("Origin", ", ".join(origins))],
        ):
            response = await client_of(with_cors).get("/health", headers=header)

            assert response.headers.get("access-control-allow-origin") in {None, ORIGIN}


async def test_a_preflight_for_a_forbidden_method_or_header_is_rejected(with_cors: FastAPI) -> None:
    """COR-02, COR-03"""
    client = client_of(with_cors, Origin=ORIGIN)
    for asked in (
        {"Access-Control-Request-Method": "PUT"},
        {"Access-Control-Request-Method": "*"},
        PREFLIGHT | {"Access-Control-Request-Headers": "x-evil"},
        PREFLIGHT | {"Access-Control-Request-Private-Network": "true"},
    ):
        response = await client.options("/api/v1/users", headers=asked)

        assert response.status_code == 400
        problem(response)
        assert "*" not in "".join(response.headers.values())


TRACED = {
    "OpenTelemetry": "traceparent,tracestate,baggage,content-type",
    "OpenTelemetry with B3": "b3,x-b3-traceid,x-b3-spanid,x-b3-sampled,x-b3-flags",
    "Sentry": "sentry-trace,baggage,traceparent",
    "Datadog": "x-datadog-origin,x-datadog-parent-id,x-datadog-sampling-priority,"
    "x-datadog-trace-id",
    "New Relic": "newrelic,traceparent,tracestate",
    "Elastic": "elastic-apm-traceparent,traceparent,tracestate",
    "Azure": "request-context,request-id,traceparent",
    "AWS": "x-amzn-trace-id",
    "clients": "accept,accept-language,Cache-Control, X-Requested-With,x-request-id",
}


@pytest.mark.parametrize("asked", TRACED.values(), ids=TRACED)
async def test_browsers_may_send_the_headers_of_common_tracing_libraries(
    with_cors: FastAPI, asked: str
) -> None:
    """COR-03"""
    client = client_of(with_cors, Origin=ORIGIN)
    headers = PREFLIGHT | {"Access-Control-Request-Headers": asked}

    response = await client.options("/api/v1/users", headers=headers)

    assert response.status_code == 200
    allowed = response.headers["access-control-allow-headers"].lower().split(", ")
    assert {name.strip().lower() for name in asked.split(",")} <= {*allowed}


@pytest.mark.parametrize(
    ("setting", "asked", "status"),
    [
        ("X-Tenant, x-client", "x-tenant", 200),
        ("X-Tenant, x-client", "x-client,x-tenant", 200),
        ("X-Tenant, x-client", "authorization,content-type,idempotency-key,if-match", 200),
        ("X-Tenant, x-client", "if-none-match,x-request-id", 200),
        ("X-Tenant, x-client", "traceparent", 400),
        ("X-Tenant, x-client", "x-tenant,x-evil", 400),
        ("*", "x-anything,authorization", 200),
    ],
)
async def test_the_setting_replaces_the_default_but_not_the_headers_of_the_api(
    make_app: MakeApp, setting: str, asked: str, status: int
) -> None:
    """COR-02, COR-03"""
    app = await make_app(cors_origins=ORIGIN, cors_allowed_headers=setting)
    headers = PREFLIGHT | {"Access-Control-Request-Headers": asked}

    response = await client_of(app, Origin=ORIGIN).options("/api/v1/users", headers=headers)

    assert response.status_code == status
    assert ("access-control-allow-origin" in response.headers) == (status == 200)


async def test_responses_vary_by_origin_even_without_cors_headers(with_cors: FastAPI) -> None:
    """COR-03"""
    for headers in ({}, {"Origin": "https://evil.example"}):
        response = await client_of(with_cors).get("/health", headers=headers)

        assert response.headers["vary"] == "Origin"


async def test_a_preflight_from_a_forbidden_origin_returns_a_problem(with_cors: FastAPI) -> None:
    """HTT-11"""
    client = client_of(with_cors, Origin="https://evil.example")

    response = await client.options("/api/v1/users", headers=PREFLIGHT)

    assert response.status_code == 400
    assert problem(response)["detail"] == "Disallowed CORS origin."
    assert response.headers["vary"] == "Origin"


async def test_cors_is_disabled_without_allowed_origins(client: AsyncClient) -> None:
    responses = [
        await client.get("/health", headers={"Origin": ORIGIN}),
        await client.options("/api/v1/users", headers=PREFLIGHT | {"Origin": ORIGIN}),
    ]

    assert [response.status_code for response in responses] == [200, 405]
    for response in responses:
        assert not [name for name in response.headers if name.startswith("access-control-")]
