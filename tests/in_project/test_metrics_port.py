"""Slow, oversized and malformed requests to the metrics port."""

import os
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest
from prometheus_client import CollectorRegistry, Gauge

from app.core.observability import metrics_http
from app.core.observability.metrics_http import MAX_CONNECTIONS, MetricsHTTPServer


@pytest.fixture(scope="module")
def server() -> Iterator[MetricsHTTPServer]:
    """A server whose response exceeds the send buffer of a client that does not read."""
    registry = CollectorRegistry()
    Gauge("long", "a" * 8_000_000, registry=registry)
    server = MetricsHTTPServer(0, registry)
    server.start()
    yield server
    server.shutdown()
    server.server_close()


def connect(server: MetricsHTTPServer, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.server_port), timeout=30)
    connection.sendall(sent)
    return connection


def scrape(server: MetricsHTTPServer, method: str = "GET") -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.request(method, "/metrics")
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def handlers() -> int:
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


@pytest.mark.parametrize(
    "sent", [b"", b"GET /metrics HTTP/1.1\r\nHost: te", b"GET / HTTP/1.1\r\n\r\n"]
)
def test_the_number_of_connections_is_limited(server: MetricsHTTPServer, sent: bytes) -> None:
    """RES-12, OBS-08"""
    open_ones = [connect(server, sent) for _ in range(2 * MAX_CONNECTIONS)]

    statuses = [scrape(server).status for _ in range(3)]

    assert handlers() <= MAX_CONNECTIONS
    assert statuses == [200] * 3
    for connection in open_ones:
        connection.close()


@pytest.mark.parametrize("sent", [b"", b"GET /metrics HTTP/1.1\r\nHost: te"])
def test_a_slow_scrape_connection_times_out(
    server: MetricsHTTPServer, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """RES-06, OBS-08"""
    monkeypatch.setattr(metrics_http, "SCRAPE_SECONDS", 0.1)

    with connect(server, sent) as connection:
        assert connection.recv(1) == b""


def test_a_forked_worker_closes_inherited_sockets() -> None:
    """RES-12, OBS-08. A worker is a fork, which inherits the open sockets of its parent."""
    server = MetricsHTTPServer(0, CollectorRegistry())
    with connect(server):
        request, _ = server.get_request()
        server._since[request] = 0
        with request.makefile("rb"):
            descriptors = [server.fileno(), request.fileno()]

            server.close_copies()

            for each in descriptors:
                with pytest.raises(OSError, match="Bad file descriptor"):
                    os.fstat(each)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"200"),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", b"405"),
        (b"BREW / HTTP/1.1\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200, b"431"),
    ],
)
def test_metrics_responses_do_not_reveal_the_software(
    server: MetricsHTTPServer, sent: bytes, status: bytes
) -> None:
    """HDR-06, RES-04"""
    with connect(server, sent) as connection:
        head = connection.makefile("rb").read(2000).partition(b"\r\n\r\n")[0].lower()

    assert head.split()[1] == status
    assert b"server" not in head
    assert b"python" not in head


@pytest.mark.parametrize("sent", [b"GET / HTTP/3.0\r\n\r\n", b"a b c d\r\n\r\n", b"a" * 140_000])
def test_errors_for_malformed_scrapes_do_not_reveal_the_software(
    server: MetricsHTTPServer, sent: bytes
) -> None:
    """HDR-06, RES-04. As in HTTP/0.9, the response to these requests has no head."""
    with connect(server, sent) as connection:
        refusal = connection.makefile("rb").read().lower()

    assert b"error code: " in refusal
    assert b"server" not in refusal
    assert b"python" not in refusal


@pytest.mark.parametrize(
    "accept", ["text/plain;version=a.b", "application/openmetrics-text;version=1.x"]
)
def test_an_invalid_version_in_the_accept_header_is_ignored(
    server: MetricsHTTPServer, capfd: pytest.CaptureFixture[str], accept: str
) -> None:
    """RES-04, LOG-03. prometheus_client fails if a part of the version is not a number."""
    with connect(server, f"GET / HTTP/1.1\r\nAccept: {accept}\r\n\r\n".encode()) as connection:
        status = connection.makefile("rb").read().split()[1]

    assert status == b"200"
    assert capfd.readouterr().err == ""
