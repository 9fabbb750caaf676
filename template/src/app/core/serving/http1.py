"""uvicorn's HTTP/1.1 protocol, without upgrades to other protocols."""

from asyncio import Transport

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAPPED = "::ffff:"


class Http1Protocol(HttpToolsProtocol):
    """Serves an upgrade request as if it had no `Upgrade` header (RFC 9110 7.8).

    The parser stops after the head of such a request, and uvicorn would drop the bytes that follow:
    the body and pipelined requests.
    """

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
