"""Clients that use a service continuously and record every response."""

import json
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, Self
from urllib.parse import urlencode
from uuid import uuid4

# Clients that keep a connection, and clients that open one for each request.
KEEP_ALIVE, RECONNECTING = 12, 4
CLIENTS = KEEP_ALIVE + RECONNECTING
PAUSE_SECONDS = 0.5
PROBE_SECONDS = 0.1
GIVE_UP_SECONDS = 20
PASSWORD = "correct horse battery staple"
ITEM = {"name": "Tea", "price": "4.50", "quantity": 1, "tags": []}


@dataclass(frozen=True)
class Answer:
    """The outcome of a request: a status or an error."""

    path: str
    began: float
    ended: float
    status: int = 0
    error: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def seconds(self) -> float:
        """The duration of the request."""
        return self.ended - self.began

    @property
    def is_refused(self) -> bool:
        """Whether no server listened, so that nothing was sent."""
        return self.error == "ConnectionRefusedError"


class Client:
    """A client with one connection, which it keeps if `keeps` is true and the server allows it."""

    def __init__(self, port: int, *, keeps: bool = True) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
        self._keeps = keeps

    def ask(
        self, method: str, path: str, body: dict[str, Any] | str | None = None, **headers: str
    ) -> Answer:
        """Send a request and return its outcome, which may be an error."""
        self._drop_what_is_closed()
        began = time.monotonic()
        kind = "x-www-form-urlencoded" if isinstance(body, str) else "json"
        content = json.dumps(body) if isinstance(body, dict) else body
        try:
            headers["Content-Type"] = f"application/{kind}"
            self._connection.request(method, path, content, headers)
            response = self._connection.getresponse()
            read = response.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            return Answer(path, began, time.monotonic(), error=type(error).__name__)
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(
            path, began, time.monotonic(), response.status, "", told, json.loads(read or "null")
        )

    def _drop_what_is_closed(self) -> None:
        """Close a connection that the server has closed, as connection pools do before each use."""
        socket = self._connection.sock
        if socket and (not self._keeps or select.select([socket], [], [], 0)[0]):
            self._connection.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Load:
    """Concurrent clients of one user, and two probes like those of an orchestrator."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self._headers = {"Authorization": f"Bearer {token}"}
        self.answers: list[Answer] = []
        self.health: list[Answer] = []
        self.ready: list[Answer] = []
        self._is_over = threading.Event()
        self._threads = [
            *(threading.Thread(target=self._use, args=(number,)) for number in range(CLIENTS)),
            threading.Thread(target=self._probe, args=("/health", self.health)),
            threading.Thread(target=self._probe, args=("/ready", self.ready)),
        ]

    @classmethod
    def of_somebody_new(cls, port: int) -> Self:
        """Register a user and log in; return the load of this user."""
        client, email = Client(port), f"{uuid4().hex}@example.com"
        client.ask("POST", "/api/v1/users", {"email": email, "password": PASSWORD})
        form = urlencode({"username": email, "password": PASSWORD})
        token = client.ask("POST", "/api/v1/auth/token", form).body["access_token"]
        client.close()
        return cls(port, token)

    def _use(self, number: int) -> None:
        client = Client(self.port, keeps=number < KEEP_ALIVE)
        # The clients start one after the other, so that their requests are spread over time.
        self._is_over.wait(PAUSE_SECONDS * number / CLIENTS)
        while not self._is_over.is_set():
            for method, path, body in (
                ("POST", "/api/v1/items", ITEM),
                ("GET", "/api/v1/items?limit=5", None),
                ("GET", "/api/v1/users/me", None),
            ):
                self.answers.append(client.ask(method, path, body, **self._headers))
            self._is_over.wait(PAUSE_SECONDS)
        client.close()

    def _probe(self, path: str, answers: list[Answer]) -> None:
        while not self._is_over.is_set():
            client = Client(self.port)
            answers.append(client.ask("GET", path))
            client.close()
            self._is_over.wait(PROBE_SECONDS)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run all clients and probes within the context."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in self._threads:
                thread.join()

    @property
    def acknowledged(self) -> set[str]:
        """The ids of all items whose creation the service has acknowledged."""
        return {answer.body["id"] for answer in self.answers if answer.status == 201}

    def kept(self) -> set[str]:
        """Return the ids of all items that the user has now."""
        client, path, found = Client(self.port), "/api/v1/items?limit=100", set[str]()
        while path:
            page = client.ask("GET", path, **self._headers).body
            found.update(item["id"] for item in page["items"])
            cursor = page["next_cursor"]
            path = cursor and f"/api/v1/items?limit=100&cursor={cursor}"
        client.close()
        return found
