"""Request ids and trace ids."""

import re

import pytest
from httpx import AsyncClient

from tests.clients import problem
from tests.logs import LogLines


@pytest.mark.parametrize("request_id", ["a1b2c3d4", "A.b_c-1234", "0" * 64])
async def test_a_valid_request_id_header_is_used(client: AsyncClient, request_id: str) -> None:
    """OBS-02"""
    response = await client.get("/nothing", headers={"X-Request-ID": request_id})

    assert response.headers.get_list("x-request-id") == [request_id]
    assert problem(response)["request_id"] == request_id


async def test_an_invalid_request_id_header_is_replaced(client: AsyncClient) -> None:
    """OBS-02"""
    for odd in (
        *("", "a1b2c3d", "0" * 65, "0" * 9000, "with space", 'quote"d', "a1b2c3d4;a", "<script>1"),
        *("a1b2c3d4\r\nSet-Cookie: a=b", "a1b2c3d4\n", "\x1b[31ma1b2c3d4", "a1b2c3d4\x00", "é" * 8),
    ):
        response = await client.get("/health", headers={b"X-Request-ID": odd.encode("latin-1")})

        assert response.status_code == 200
        assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"]), odd[:20]


async def test_generated_request_ids_are_unique(client: AsyncClient) -> None:
    """OBS-01"""
    ids = {(await client.get("/health")).headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3


TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


async def test_the_trace_id_of_the_caller_is_logged(
    client: AsyncClient, log_lines: LogLines
) -> None:
    """OBS-03"""
    await client.get("/health", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    await client.get("/health")

    assert [line.get("trace_id") for line in log_lines() if line["event"] == "request"] == [
        *(TRACE, None)
    ]


@pytest.mark.parametrize(
    "trace",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f'00-{TRACE[:-2]}"}}-{SPAN}-01',
    ],
)
async def test_an_invalid_trace_header_is_ignored(
    client: AsyncClient, log_lines: LogLines, trace: str
) -> None:
    """OBS-03, OBS-04"""
    sent = {"traceparent": trace, "tracestate": "=" * 600, "baggage": ",;=é"}

    response = await client.get(
        "/health", headers={k.encode(): v.encode() for k, v in sent.items()}
    )

    assert response.status_code == 200
    assert "trace_id" not in next(line for line in log_lines() if line["event"] == "request")
