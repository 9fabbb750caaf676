"""A cache of computed answers in Redis, or in the process where there is no Redis.

Call `decorator.cached`, and `Cache.invalidate` through `call_after_commit`.
No access decision may depend on a cached value.
"""
