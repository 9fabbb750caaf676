"""What every task is given."""

from dataclasses import dataclass

from httpx import AsyncClient

from app.config import Settings
from app.core.clock import Clock
from app.database import Database


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """What a task may need; one for the whole worker, or for a test."""

    settings: Settings
    database: Database
    clock: Clock
    http_client: AsyncClient
