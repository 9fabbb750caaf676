"""A cache of computed values in Redis, or in each process where there is no Redis.

Call `decorator.cached`, and `Cache.invalidate` through `call_after_commit`.
No access decision may depend on a cached value.
"""
