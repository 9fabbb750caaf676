"""Print the calls that a request takes, as JSON, in the environment of a rendered service.

The application runs in this process with everything on, and is driven over the protocol of its
workers. `sys.setprofile` reports each call of a function in Python or in C.
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median_low
from types import FrameType
from urllib.parse import urlencode

import uvloop
from fastapi import FastAPI
from uvicorn import Config
from uvicorn.server import ServerState

import app.main
from app.core.observability.metrics_server import metrics_server
from app.core.serving.gunicorn_worker import GunicornWorker
from app.core.serving.protocol import BoundedProtocol

SETTINGS = {
    "ENVIRONMENT": "production",
    "ALLOWED_HOSTS": "127.0.0.1",
    "LOG_FORMAT": "json",
    "RATE_LIMIT_DEFAULT": "1000000/minute",
    "RATE_LIMIT_STORAGE": "redis",
    "SECRET_KEY": os.urandom(32).hex(),
}
EMAIL, PASSWORD = f"{os.urandom(8).hex()}@example.com", "a lamp beside the river"
JSON = b"Content-Type: application/json\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
ITEM = json.dumps({"name": "Lamp", "price": "19.99", "quantity": 3, "tags": ["brass", "small"]})
ROWS = 50
REQUESTS = 15
# Since Python 3.12, these are not functions of their own, so they must not count in 3.11 either.
COMPREHENSIONS = {"<dictcomp>", "<listcomp>", "<setcomp>"}


class Sink(asyncio.Transport):
    """Keeps the bytes of a response."""

    response = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.response += data

    def is_closing(self) -> bool:
        return False


class Client:
    """Sends requests to the protocol, one after the other, and counts the calls of each."""

    def __init__(self, application: FastAPI) -> None:
        config = Config(application, log_config=None, **GunicornWorker.CONFIG_KWARGS)
        config.load()
        self._state = ServerState()
        self._sink = Sink()
        self._protocol = BoundedProtocol(config, self._state, {})
        self._protocol.connection_made(self._sink)
        self.calls = 0

    async def request(self, method: str, path: str, headers: bytes = b"", body: str = "") -> bytes:
        """Set `calls` and return the body of a response; raise `RuntimeError` after an error."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        self.calls, self._sink.response = 0, b""
        sys.setprofile(self._count)
        self._protocol.data_received(head.encode() + headers + b"\r\n" + body.encode())
        await asyncio.wait([*self._state.tasks])
        sys.setprofile(None)
        response, _, content = self._sink.response.partition(b"\r\n\r\n")
        if not response.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{method} {path}: {self._sink.response.decode()}")
        return content

    def _count(self, frame: FrameType, event: str, _function: object) -> None:
        self.calls += event == "c_call" or (event == "call" and is_start(frame))


def is_start(frame: FrameType) -> bool:
    """Return whether a function starts. Coroutines resume more or less often, depending on time."""
    code = frame.f_code
    argument_of_resume = code.co_code[frame.f_lasti + 1]
    return not argument_of_resume & 3 and code.co_name not in COMPREHENSIONS  # see `dis`, RESUME


async def sign_in(client: Client) -> bytes:
    """Register a user; return a header with a token."""
    user = {"email": EMAIL, "password": PASSWORD}
    await client.request("POST", "/api/v1/users", JSON, json.dumps(user))
    form = urlencode({"username": EMAIL, "password": PASSWORD})
    tokens = json.loads(await client.request("POST", "/api/v1/auth/token", FORM, form))
    return f"Authorization: Bearer {tokens['access_token']}\r\n".encode()


async def count(application: FastAPI) -> dict[str, int]:
    """Return the median of the calls, for each kind of request."""
    async with application.router.lifespan_context(application):
        client = Client(application)
        token = await sign_in(client)
        create = partial(client.request, "POST", "/api/v1/items", token + JSON, ITEM)
        for _ in range(ROWS):
            await create()
        requests = {
            "health": partial(client.request, "GET", "/health"),
            "me": partial(client.request, "GET", "/api/v1/users/me", token),
            "list": partial(client.request, "GET", f"/api/v1/items?limit={ROWS}", token),
            "create": create,
        }
        calls: dict[str, list[int]] = {name: [] for name in requests}
        for _ in range(REQUESTS):
            for name, request in requests.items():
                await request()
                calls[name].append(client.calls)
    return {name: median_low(each) for name, each in calls.items()}


def main() -> None:
    """Create the application like gunicorn, whose workers share a folder for their metrics."""
    os.environ |= SETTINGS
    gc.disable()  # a collection calls functions too
    with tempfile.TemporaryDirectory() as folder:
        metrics_server.share(Path(folder))
        print(f"\n{json.dumps(uvloop.run(count(app.main.app)))}")


if __name__ == "__main__":
    main()
