"""The clients that your service opens at startup, such as one for an object store.

This file is yours: releases of the template do not change it.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.config import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Clients:
    """The open clients. Endpoints get them with `ClientsDep`."""


@asynccontextmanager
async def open_clients(settings: Settings) -> AsyncGenerator[Clients]:  # noqa: ARG001 - for yours
    """Open the clients, and close them at the end."""
    yield Clients()
