"""A client that keeps its connection, or opens one for each request, and records each outcome."""

import json
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from dev.prove.requests import HOST, Request

GIVE_UP_SECONDS = 20
SUCCESSES = range(200, 300)
NOT_FOUND = {404, 410}
OK = 200
SERVER_ERROR = 500
UNAVAILABLE = 503


@dataclass(frozen=True)
class Answer:
    """The outcome of a request: a status or an error. Times are of the monotonic clock."""

    operation: str
    began: float
    ended: float
    status: int = 0
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def seconds(self) -> float:
        """The duration of the request."""
        return self.ended - self.began

    @property
    def is_success(self) -> bool:
        """Whether the service has acknowledged the request."""
        return self.status in SUCCESSES

    @property
    def is_wrong_error(self) -> bool:
        """Whether the service answered with a server error other than 503."""
        return self.status >= SERVER_ERROR and self.status != UNAVAILABLE

    @property
    def is_refused(self) -> bool:
        """Whether no server listened, so that nothing was sent."""
        return self.error == "ConnectionRefusedError"

    @property
    def document(self) -> Any:  # noqa: ANN401 - any JSON
        """The JSON of the response, or `None` for other content."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class Client:
    """A client with one connection, which it keeps if `keeps` is true and the server allows it."""

    def __init__(self, port: int, *, keeps: bool = True) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=GIVE_UP_SECONDS)
        self._keeps = keeps

    def send(self, request: Request, path: str | None = None) -> Answer:
        """Send a request, to another path if one is given; return its outcome."""
        self._drop_what_is_closed()
        began = time.monotonic()
        try:
            headers = dict(request.headers)
            self._connection.request(
                request.method, path or request.path, request.body() or None, headers
            )
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            name = type(error).__name__
            return Answer(request.operation, began, time.monotonic(), error=name)
        told = {name.lower(): value for name, value in response.getheaders()}
        ended = time.monotonic()
        return Answer(request.operation, began, ended, response.status, "", told, content)

    def _drop_what_is_closed(self) -> None:
        """Close a connection that the server has closed, as connection pools do before each use."""
        socket = self._connection.sock
        if socket and (not self._keeps or select.select([socket], [], [], 0)[0]):
            self._connection.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def get(port: int, path: str) -> Answer:
    """Send a GET request over a connection of its own."""
    client = Client(port)
    answer = client.send(Request(f"GET {path}", "GET", path, {}))
    client.close()
    return answer


def answers(port: int, path: str) -> bool:
    """Return whether a GET request over a new connection is answered with 200."""
    return get(port, path).status == OK
