"""The HTTP server for Prometheus, with limits on idle and slow connections."""

import os
import sys
from contextlib import suppress
from socket import SHUT_RDWR, socket
from socketserver import ThreadingMixIn
from threading import Semaphore, Thread
from time import monotonic
from typing import Any
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import choose_encoder

MAX_CONNECTIONS = 16
# Time limit for a connection. By default, Prometheus waits 10 seconds for the response.
SCRAPE_SECONDS = 10
MAX_LINE_BYTES = 65_536


class MetricsHTTPServer(ThreadingMixIn, WSGIServer):
    """Serves each scrape in a thread. If all threads are busy, closes the oldest connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, registry: CollectorRegistry) -> None:
        super().__init__(("0.0.0.0", port), MetricsRequestHandler)  # noqa: S104
        self.app = make_wsgi_app(registry)
        self._free_threads = Semaphore(MAX_CONNECTIONS)
        self._since: dict[socket, float] = {}  # oldest connection first

    def start(self) -> None:
        """Serve in a background thread until the process ends."""
        Thread(target=self.serve_forever, daemon=True).start()

    def close_copies(self) -> None:
        """Close the inherited sockets in a fork of this process."""
        for copy in (self.socket, *self._since):
            with suppress(OSError):  # already closed
                # `socket.close` would leave the socket open while a file object uses it, and that
                # file object belongs to a thread of the parent.
                os.close(copy.detach())

    def service_actions(self) -> None:
        """End the connections that take too long; the base class calls this twice a second."""
        begun_before = monotonic() - SCRAPE_SECONDS
        for connection, since in list(self._since.items()):
            if since < begun_before:
                _end(connection)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Serve a connection as soon as a thread is free."""
        if not self._free_threads.acquire(blocking=False):
            for oldest in list(self._since)[:1]:
                _end(oldest)
            self._free_threads.acquire()
        self._since[request] = monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Close a connection and free its thread."""
        super().shutdown_request(request)
        if self._since.pop(request, None) is not None:
            self._free_threads.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Report an error, unless the client has disconnected."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class MetricsRequestHandler(WSGIRequestHandler):
    """Sends no server name, and logs no requests."""

    server: MetricsHTTPServer

    def handle(self) -> None:
        """Serve one request per connection."""
        self.raw_requestline = self.rfile.readline(MAX_LINE_BYTES)
        if self.parse_request():
            environ = self.get_environ()
            environ["HTTP_ACCEPT"] = _readable(environ.get("HTTP_ACCEPT", ""))
            response = _Response(self.rfile, self.wfile, self.get_stderr(), environ)  # type: ignore[arg-type]
            response.request_handler = self
            response.run(self.server.app)

    def send_header(self, keyword: str, value: str) -> None:
        """Send a header of an error response, but not `Server`."""
        if keyword != "Server":
            super().send_header(keyword, value)

    def log_message(self, *_: object) -> None:
        """Log nothing: clients could fill the log."""


class _Response(ServerHandler):
    server_software = ""
    request_handler: MetricsRequestHandler


def _readable(accept: str) -> str:
    """Return the Accept header, or an empty text if prometheus_client cannot parse it."""
    try:
        choose_encoder(accept)
    except TypeError:
        return ""
    return accept


def _end(connection: socket) -> None:
    """Wake the thread that reads from or writes to a connection; the thread then closes it."""
    with suppress(OSError):  # already closed
        connection.shutdown(SHUT_RDWR)
