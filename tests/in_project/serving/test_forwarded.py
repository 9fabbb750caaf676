"""Client addresses from trusted proxies."""

import pytest
from fastapi import Request

from tests.conftest import MakeApp
from tests.in_project.raw_http import LAST, exchange, serving
from tests.logs import LogLines

PROXY = "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("forged, 192.0.2.7", "192.0.2.7"),
        ("unknown", PROXY),
        ("192.0.2.7, unknown", PROXY),
        ("_hidden", PROXY),
        ("192.0.2.7.evil.example", PROXY),
        ("fe80::1%any text", PROXY),
        ("[192.0.2.7", PROXY),
        ("", PROXY),
    ],
)
async def test_only_an_address_from_a_trusted_proxy_becomes_the_client(
    make_app: MakeApp, log_lines: LogLines, forwarded: str, client: str
) -> None:
    """RTL-04, OBS-04"""
    app = await make_app()
    app.get("/client")(client_of)
    head = b"GET /client HTTP/1.1\r\nX-Forwarded-For: " + forwarded.encode() + b"\r\n" + LAST
    async with serving(app, forwarded_allow_ips="127.0.0.0/8") as port:
        [answer] = await exchange(port, head + b"\r\n")

    assert answer.body == client
    assert [line["client"] for line in log_lines()] == [client]


async def client_of(request: Request) -> str | None:
    return request.client and request.client.host
