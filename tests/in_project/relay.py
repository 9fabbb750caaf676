"""A relay between the service and its database, which can stop the traffic."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from anyio import (
    BrokenResourceError,
    connect_tcp,
    connect_unix,
    create_task_group,
    create_tcp_listener,
)
from anyio.abc import SocketAttribute, SocketStream
from sqlalchemy import URL

from app.core.db.database_url import hosts_of


class Relay:
    """Forwards data in both directions, but does not forward that the server has disconnected."""

    def __init__(self, url: URL, port: int) -> None:
        [(host, server_port), *_] = hosts_of(url)
        self._server = host or "localhost", server_port or 5432
        plain = url.difference_update_query(["host", "port", "ssl"])
        self.url = plain.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.server_hung_up = asyncio.Event()

    async def serve(self, client: SocketStream) -> None:
        """Connect one client to the server, until the client disconnects."""
        async with client, await self._connect() as server, create_task_group() as tasks:
            tasks.start_soon(self._pass_on_answers, server, client)
            await self._pass_on(client, server)
            tasks.cancel_scope.cancel()

    async def _connect(self) -> SocketStream:
        host, port = self._server
        if host.startswith("/"):
            return await connect_unix(f"{host}/.s.PGSQL.{port}")
        return await connect_tcp(host, port)

    async def _pass_on_answers(self, server: SocketStream, client: SocketStream) -> None:
        await self._pass_on(server, client)
        self.server_hung_up.set()

    async def _pass_on(self, source: SocketStream, sink: SocketStream) -> None:
        with suppress(BrokenResourceError):
            async for data in source:
                await self.is_open.wait()
                await sink.send(data)


@asynccontextmanager
async def relay_to(url: URL) -> AsyncGenerator[Relay]:
    """Yield a relay to the server at `url`; the relay has its own URL."""
    async with (
        await create_tcp_listener(local_host="127.0.0.1") as listener,
        create_task_group() as tasks,
    ):
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's, not Django's
        relay = Relay(url, port)
        tasks.start_soon(listener.serve, relay.serve)
        yield relay
        tasks.cancel_scope.cancel()
