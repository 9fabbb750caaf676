"""The rendered service with a probe of its event loop, which `GET /longest-hold` reads."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.main import app

_longest_seconds = 0.0
_open = app.router.lifespan_context


async def _watch() -> None:
    """Record the longest time between two iterations of the loop, in CPU time of its thread.

    Other processes of a busy machine therefore do not count, but garbage collection does.
    """
    global _longest_seconds  # noqa: PLW0603 - the probe of the process
    last = time.thread_time()
    while True:
        await asyncio.sleep(0)
        now = time.thread_time()
        _longest_seconds = max(_longest_seconds, now - last)
        last = now


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with _open(app):
        watching = asyncio.create_task(_watch())
        yield
        watching.cancel()


app.router.lifespan_context = _lifespan


@app.get("/longest-hold")
async def take_longest_hold() -> float:
    """Return the milliseconds of the longest hold since the last call, and reset it."""
    global _longest_seconds
    taken, _longest_seconds = _longest_seconds, 0.0
    return 1000 * taken
