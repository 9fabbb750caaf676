"""The yardstick: one SELECT for each request, and a constant JSON answer, without a framework."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import asyncpg

Message = MutableMapping[str, Any]
CONTENT = b'{"status": "measured"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(CONTENT))]
POOL_SIZE = 4


class Yardstick:
    """An ASGI application with a pool of connections."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self._pool:
            await self._pool.fetchval("SELECT 1")
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": CONTENT})

    async def _live(
        self,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        await receive()
        url, size = os.environ["DATABASE_URL"], POOL_SIZE
        async with asyncpg.create_pool(url, min_size=size, max_size=size) as pool:
            self._pool = pool
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


app = Yardstick()
