"""Scratch databases, on the server of the tests."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import URL

from app.core.db.database_url import read_database_url
from app.core.db.engine import connect, connect_arguments


@contextmanager
def scratch_database(server_url: str) -> Iterator[URL]:
    """Create an empty database and yield its URL; drop it at the end.

    Raise `DatabaseUnavailableError` or an error of asyncpg if the server cannot be used.
    """
    url = read_database_url(server_url).set(database=f"revisions_{uuid4().hex}")
    execute(server_url, f'CREATE DATABASE "{url.database}"')
    try:
        yield url
    finally:
        execute(server_url, f'DROP DATABASE "{url.database}" WITH (FORCE)')


def clear(server_url: str, url: URL) -> None:
    """Make a database of the server empty."""
    execute(server_url, f'DROP DATABASE "{url.database}" WITH (FORCE)')
    execute(server_url, f'CREATE DATABASE "{url.database}"')


def execute(url: str | URL, statement: str) -> None:
    """Run a statement outside of a transaction."""

    async def run() -> None:
        connection = await connect(**connect_arguments(url))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
