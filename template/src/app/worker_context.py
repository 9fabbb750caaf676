"""The context that every task receives."""

from dataclasses import dataclass

from httpx import AsyncClient

from app.config import Settings
from app.core.clock import Clock
from app.database import Database


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """The resources that tasks may use. All tasks of a worker share one context."""

    settings: Settings
    database: Database
    clock: Clock
    http_client: AsyncClient
