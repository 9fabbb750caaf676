"""Concurrent clients that use the service continuously, and the probes of an orchestrator."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from typing import TypeVar

from dev.prove.client import NOT_FOUND, Answer, Client, get
from dev.prove.lifecycles import Lifecycle
from dev.prove.requests import Request
from dev.prove.trial import Repertoire

# Clients that keep a connection, and clients that open one for each request.
KEEP_ALIVE, RECONNECTING = 12, 4
CLIENTS = KEEP_ALIVE + RECONNECTING
PAUSE_SECONDS = 0.5
PROBE_SECONDS = 0.1
DELETES_EVERY = 4

T = TypeVar("T")


@dataclass
class Kept:
    """A row that the service has acknowledged, and the content of its last acknowledged change."""

    life: Lifecycle
    path: str
    document: object = None
    is_deleted: bool = False
    # Whether the next request did not find it.
    is_missed: bool = False
    # Whether a request without an answer may have changed or deleted it.
    is_uncertain: bool = False


@dataclass
class Traffic:
    """The answers to all clients and probes, and all acknowledged rows."""

    port: int
    repertoire: Repertoire
    answers: list[Answer] = field(default_factory=list)
    health: list[Answer] = field(default_factory=list)
    ready: list[Answer] = field(default_factory=list)
    rows: list[Kept] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run all clients and probes within the context."""
        threads = [
            *(threading.Thread(target=self._use, args=(number,)) for number in range(CLIENTS)),
            threading.Thread(target=self._probe, args=("/health", self.health)),
            threading.Thread(target=self._probe, args=("/ready", self.ready)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()

    def _use(self, number: int) -> None:
        client = Client(self.port, keeps=number < KEEP_ALIVE)
        user = _User(self, client)
        # The clients start one after the other, so that their requests are spread over time.
        self._is_over.wait(PAUSE_SECONDS * number / CLIENTS)
        lives = cycle(_rotated(self.repertoire.lifecycles, number))
        others = cycle(_rotated(self.repertoire.requests, number))
        for turn in count():
            for life in islice(lives, 1):
                user.live(life, is_deleting=turn % DELETES_EVERY == 0)
            for request in islice(others, 1):
                user.send(request)
            if self._is_over.wait(PAUSE_SECONDS):
                break
        client.close()

    def _probe(self, path: str, answers: list[Answer]) -> None:
        while not self._is_over.is_set():
            answers.append(get(self.port, path))
            self._is_over.wait(PROBE_SECONDS)


def _rotated(values: Sequence[T], number: int) -> Sequence[T]:
    """Return the values from another start, so that clients do not send the same at once."""
    start = number % len(values) if values else 0
    return [*values[start:], *values[:start]]


class _User:
    """Sends the requests of one client, and notes the rows that the service acknowledges."""

    def __init__(self, traffic: Traffic, client: Client) -> None:
        self._traffic = traffic
        self._client = client

    def send(self, request: Request, path: str | None = None) -> Answer:
        answer = self._client.send(request, path)
        self._traffic.answers.append(answer)
        return answer

    def live(self, life: Lifecycle, *, is_deleting: bool) -> None:
        """Create a row, read and change it, and perhaps delete it."""
        answer = self.send(life.create)
        document = answer.document
        id_ = document.get("id") if isinstance(document, dict) else None
        if not answer.is_success or (id_ is None and life.create.method == "POST"):
            return
        row = Kept(life, life.path(id_))
        self._traffic.rows.append(row)
        if life.read:
            row.is_missed = self.send(life.read, row.path).status in NOT_FOUND
        if life.update:
            changed = self.send(life.update, row.path)
            row.document = changed.document if changed.is_success else None
            row.is_uncertain = not changed.is_success
        if life.delete and is_deleting:
            row.is_deleted = self.send(life.delete, row.path).is_success
            row.is_uncertain = row.is_uncertain or not row.is_deleted
