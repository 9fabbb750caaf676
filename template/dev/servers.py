"""Servers for tests: the servers in environment variables, or else embedded servers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.postgres import EmbeddedPostgres
from dev.valkey import EmbeddedValkey


@contextmanager
def postgres_server(folder: Path | None = None) -> Iterator[str]:
    """Yield the URL of a PostgreSQL server. An embedded server has its data in `folder`, if given.

    Raise `ServerError` if the embedded server is not installed or does not start.
    """
    if url := os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL"):
        yield url
    else:
        with EmbeddedPostgres(folder) as server:
            yield server.url()


@contextmanager
def valkey_server(folder: Path | None = None) -> Iterator[str]:
    """Yield the URL of a Valkey or Redis server; raise `ServerError` if none can be started."""
    if url := os.environ.get("REDIS_URL"):
        yield url
    else:
        with EmbeddedValkey(folder) as server:
            yield server.url
