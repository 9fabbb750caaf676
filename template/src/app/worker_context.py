"""The context that every task receives."""

from dataclasses import dataclass

from httpx import AsyncClient

from app.config import Settings
from app.core.clock import Clock
from app.database import Database


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """The resources that tasks may use. A worker, or a test, has one context for all tasks."""

    settings: Settings
    database: Database
    clock: Clock
    http_client: AsyncClient
