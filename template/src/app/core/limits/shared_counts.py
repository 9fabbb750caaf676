"""Counts in Redis or Valkey, which all processes share."""

from limits import RateLimitItem
from redis.asyncio import ConnectionPool, Redis

# Counts a request unless the limit is reached, and returns the counts, so that a request takes one
# round trip; the scripts of `limits` take two. The keys and the weights are those of `limits`: what
# counts is this window, and the last one as far as it lies in the time of one window before now.
# The key of this window expires after two windows: it is the last window from half of that time on.
COUNT = """
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local expires = redis.call('PTTL', KEYS[2])
if expires > 0 and expires <= window then
    redis.call('RENAME', KEYS[2], KEYS[1])
    redis.call('SET', KEYS[2], 0, 'PX', expires + window)
    expires = expires + window
end
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
local last_expires = math.max(redis.call('PTTL', KEYS[1]), 0)
local this = tonumber(redis.call('GET', KEYS[2]) or 0)
local used = math.floor(last * last_expires / window) + this
if used >= limit then
    return {0, used, last, last_expires, expires - window}
end
if expires > 0 then
    redis.call('INCR', KEYS[2])
else
    expires = 2 * window
    redis.call('SET', KEYS[2], 1, 'PX', expires)
end
return {1, used + 1, last, last_expires, expires - window}
"""


class SharedCounts:
    """Counts requests in sliding windows, with one round trip for each request."""

    def __init__(self, pool: ConnectionPool, prefix: str) -> None:
        self._prefix = prefix
        self._redis = Redis(connection_pool=pool)
        self._count = self._redis.register_script(COUNT)

    async def hit(self, item: RateLimitItem, key: tuple[str, ...]) -> tuple[bool, int, float]:
        """Count a request; return whether it is allowed, how many remain, and the wait in ms."""
        window = item.get_expiry() * 1000
        counted = await self._count(self._keys(item, key), [item.amount, window])
        allowed, used, last, last_expires, ends = counted
        # A request is allowed again when one of the last window leaves it, or when this one ends.
        wait = min(last_expires % (window / last), ends) if last else ends
        return bool(allowed), max(0, item.amount - used) if allowed else 0, wait

    async def clear(self, item: RateLimitItem, key: tuple[str, ...]) -> None:
        """Reset the count."""
        await self._redis.delete(*self._keys(item, key))

    def _keys(self, item: RateLimitItem, key: tuple[str, ...]) -> list[str]:
        """Return the keys of the last and of this window, which a cluster stores on one node."""
        name = f"{self._prefix}:{{{item.key_for(*key)}}}"
        return [f"{name}/-1", name]
