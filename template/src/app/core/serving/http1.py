"""uvicorn's HTTP/1.1 protocol, without upgrades to other protocols."""

import re
from asyncio import Transport

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAPPED = "::ffff:"
ABSOLUTE_FORM = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)


class Cycle(RequestResponseCycle):
    """A request that is still answered after the client has closed its direction (RFC 9112 9.6).

    A client that has closed both directions looks the same. The application therefore receives a
    disconnect, as in Go's HTTP server, and may stop or still answer.
    """

    is_half_closed = False
    _has_body = False

    async def receive(self) -> ASGIReceiveEvent:
        """Return the body, and then the disconnect."""
        message = await super().receive()
        if self.is_half_closed and self._has_body:
            return {"type": "http.disconnect"}
        self._has_body = not self.more_body
        return message


class Http1Protocol(HttpToolsProtocol):
    """Serves an upgrade request as if it had no `Upgrade` header (RFC 9110 7.8).

    The parser stops after the head of such a request, and uvicorn would drop the bytes that follow:
    the body and pipelined requests.
    """

    cycle: Cycle  # uvicorn creates a `RequestResponseCycle`; `BoundedProtocol` changes its class

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Convert a client address that is IPv4-mapped, as on a dual-stack socket, to IPv4."""
        super().connection_made(transport)
        if self.client is not None and self.client[0].startswith(MAPPED):
            self.client = (self.client[0].removeprefix(MAPPED), self.client[1])

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        rest: bytes | memoryview = data
        try:
            while True:
                try:
                    self.parser.feed_data(rest)
                    break
                except HttpParserUpgrade as upgrade:
                    rest = memoryview(rest)[upgrade.args[0] :]
                    self._repeat_head()
        except HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def on_headers_complete(self) -> None:
        """Start the request; the host in an absolute-form target replaces Host (RFC 9112 3.2.2)."""
        if not self.url.startswith(b"/") and (target := ABSOLUTE_FORM.match(self.url)):
            path = self.url[target.end() :]
            self.url = path if path.startswith(b"/") else b"/" + path
            self.headers[:] = [
                (name, target[1] if name == b"host" else value) for name, value in self.headers
            ]
        super().on_headers_complete()

    def _repeat_head(self) -> None:
        """Parse the head again without `Upgrade`, so that the parser continues with the body."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":  # the bytes that follow are not HTTP (RFC 9110 9.3.6)
            raise HttpParserError
        lines = [b"%b %b HTTP/%b\r\n" % (method, self.url, version)]
        lines += [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.parser.feed_data(b"".join([*lines, b"\r\n"]))

    def _should_upgrade(self) -> bool:
        """Return true, so that uvicorn starts no request before its head is parsed again."""
        return True
