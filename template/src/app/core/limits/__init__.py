"""Rate limits, counted in Redis or in the process, and the circuit breaker for Redis.

Use the dependency `RateLimit` from `app.api.deps`.
Do not remove the counts in the process, which apply while Redis is unavailable.
"""
