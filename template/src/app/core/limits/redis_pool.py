"""Connections to Redis or Valkey: one pool, for all that processes share."""

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app import project

# What every key begins with, since several services may share a server.
NAMESPACE = project.SLUG
# A request must not wait for what only helps: past this, the process does without.
REDIS_TIMEOUT_SECONDS = 0.25


def create_redis_pool(url: str) -> ConnectionPool:
    """Make a pool whose connections give up soon, and once."""
    return ConnectionPool.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        # No greetings: a burst of requests opens many connections, and counts from the first byte.
        driver_info=None,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
    )
