"""Whether the process lives, and whether it can do its work."""

import asyncio
from typing import Literal

import structlog
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import literal, select

from app.api.deps import DatabaseDep, IsStopping
from app.core.exceptions import ServiceUnavailableError
from app.database import Database

READY_TIMEOUT_SECONDS = 2
PING = select(literal(1))

# FastAPI's own router: probes are not counted against a rate limit.
router = APIRouter(tags=["health"])
logger = structlog.get_logger(__name__)


class Health(BaseModel):
    """The process answers."""

    status: Literal["healthy"] = "healthy"


class Readiness(BaseModel):
    """The service can do its work."""

    status: Literal["ready"] = "ready"
    database: Literal["connected"] = "connected"


@router.get("/health")
async def health() -> Health:
    """Tell that the process lives; it touches nothing, so that nothing else can restart it."""
    return Health()


@router.get("/ready")
async def ready(database: DatabaseDep, is_stopping: IsStopping) -> Readiness:
    """Tell whether requests are welcome: unless it stops, or the database does not answer soon."""
    if is_stopping:
        raise ServiceUnavailableError("The service is stopping.")
    try:
        await _ping(database)
    except Exception as error:
        logger.warning("not_ready", error=repr(error))
        raise ServiceUnavailableError("The database does not answer.") from error
    return Readiness()


async def _ping(database: Database) -> None:
    ping = asyncio.create_task(database.fetch_one(PING, {}))
    await asyncio.wait({ping}, timeout=READY_TIMEOUT_SECONDS)
    if ping.cancel():  # and not waited for: to close a frozen connection takes long, too
        raise TimeoutError
    await ping
