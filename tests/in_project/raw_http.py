"""HTTP as bytes over a socket, for requests that no HTTP client sends."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http.client import parse_headers
from io import BytesIO
from typing import Any, NamedTuple

from fastapi import FastAPI
from uvicorn import Config
from uvicorn.server import ServerState

from app.core.serving.forwarded import accept_only_addresses
from app.core.serving.gunicorn_worker import GunicornWorker
from app.core.serving.protocol import BoundedProtocol

HOST = b"Host: test\r\n"
LAST = HOST + b"Connection: close\r\n"
GET = b"GET /health HTTP/1.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
END = b"0\r\n\r\n"


class Answer(NamedTuple):
    """A response, with its body parsed from JSON."""

    status: int
    headers: dict[str, str]
    body: Any


@asynccontextmanager
async def serving(app: FastAPI, **options: Any) -> AsyncGenerator[int]:
    """Serve `app` as a worker does, but in this event loop; yield the port."""
    config = Config(app, log_config=None, **GunicornWorker.CONFIG_KWARGS, **options)
    accept_only_addresses(config)
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedProtocol(config, state, {}), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for connection in list(state.connections):
        connection.shutdown()
    if state.tasks:
        await asyncio.wait(state.tasks)


async def exchange(port: int, *parts: bytes) -> list[Answer]:
    """Send `parts`, and read responses until the service closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    received = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return read_answers(received)


def read_answers(received: bytes) -> list[Answer]:
    stream, answers = BytesIO(received), []
    while line := stream.readline():
        headers = {name.lower(): value for name, value in parse_headers(stream).items()}
        body = stream.read(int(headers.get("content-length", 0)))
        answers.append(Answer(int(line.split()[1]), headers, json.loads(body or b"null")))
    return answers
