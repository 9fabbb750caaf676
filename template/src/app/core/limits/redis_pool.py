"""The pool of connections to Redis or Valkey, which the limits and the cache share."""

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app import project

# The prefix of every key, because several services may share a server.
NAMESPACE = project.SLUG
# Requests can do without Redis, so they wait for it no longer than this.
REDIS_TIMEOUT_SECONDS = 0.25


def create_redis_pool(url: str) -> ConnectionPool:
    """Create a pool whose connections time out quickly and never retry."""
    return ConnectionPool.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        # Send neither HELLO nor CLIENT SETINFO: a burst of requests opens many connections, and
        # these round trips would count against the timeout.
        driver_info=None,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
    )
