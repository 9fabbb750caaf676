"""The HTTP protocol of the service without sockets."""

import asyncio
import re
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from app.core.serving.gunicorn_worker import GunicornWorker
from app.core.serving.protocol import BoundedProtocol


class Wire(asyncio.Transport):
    """A connection without a socket, which records the written bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += b"" if self.is_closed else data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with the request as the application sees it."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    connection = {b"connection", b"http2-settings"}
    headers = [header for header in scope["headers"] if header[0] not in connection]
    seen = repr((scope["method"], scope["path"], scope["http_version"], headers, body)).encode()
    length = (b"content-length", b"%d" % len(seen))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": seen})


async def answers(*parts: bytes) -> bytes:
    """Return the bytes that the service writes when it receives `parts` one by one."""
    config = Config(echo, log_config=None, **GunicornWorker.CONFIG_KWARGS)
    config.load()
    state, wire = ServerState(), Wire()
    protocol = BoundedProtocol(config, state, {})
    protocol.connection_made(wire)
    for part in parts:
        protocol.data_received(part)
    async with asyncio.timeout(10):
        while state.tasks:
            await asyncio.wait(state.tasks)
    protocol.connection_lost(None)
    return re.sub(rb"[0-9a-f-]{36}", b"an id", wire.written)
