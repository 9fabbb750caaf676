"""Health checks: liveness and readiness."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import literal, select

from app.api.deps import DatabaseDep, IsStopping
from app.core.exceptions import ServiceUnavailableError
from app.database import Database

READY_TIMEOUT_SECONDS = 2
PING = select(literal(1))

logger = structlog.get_logger(__name__)


class Health(BaseModel):
    """The process responds."""

    status: Literal["healthy"] = "healthy"


class Readiness(BaseModel):
    """The service accepts requests."""

    status: Literal["ready"] = "ready"
    database: Literal["connected"] = "connected"


async def health() -> Health:
    """Check that the process responds. This does not use the database or any other service."""
    return Health()


async def ready(database: DatabaseDep, is_stopping: IsStopping) -> Readiness:
    """Check that the service accepts requests: it is not stopping, and the database responds."""
    if is_stopping:
        raise ServiceUnavailableError("The service is stopping.")
    try:
        await _ping(database)
    except Exception as error:
        logger.warning("not_ready", error=repr(error))
        raise ServiceUnavailableError("The database does not respond.") from error
    return Readiness()


class ProbeRoute(APIRoute):
    """A route for an endpoint that has neither parameters nor dependencies."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return a handler that only calls the endpoint; FastAPI's takes four times as long."""

        async def handle(_: Request) -> Response:
            answer: BaseModel = await self.endpoint()
            return Response(answer.model_dump_json(), media_type="application/json")

        return handle


def add_health(app: FastAPI) -> None:
    """Add the probes to the application itself, whose routes are found first and have no limits."""
    app.router.add_api_route("/health", health, tags=["health"], route_class_override=ProbeRoute)
    app.router.add_api_route("/ready", ready, tags=["health"])


async def _ping(database: Database) -> None:
    ping = asyncio.create_task(database.fetch_one(PING, {}))
    await asyncio.wait({ping}, timeout=READY_TIMEOUT_SECONDS)
    if ping.cancel():  # do not wait, because closing a frozen connection also takes long
        raise TimeoutError
    await ping
