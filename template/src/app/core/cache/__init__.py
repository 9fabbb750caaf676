"""A cache of computed values, in Redis or, without Redis, in the memory of each process.

Use the decorator `decorator.cached`, and pass `Cache.invalidate` to `after_commit`.
No access decision may depend on a cached value.
"""
