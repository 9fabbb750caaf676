"""A cache of computed values in Redis, or in the memory of each process if there is no Redis.

Use the decorator `decorator.cached`, and pass `Cache.invalidate` to `after_commit`.
No access decision may depend on a cached value.
"""
