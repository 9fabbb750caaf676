"""Rate limits, counted in Redis or in the process, and the circuit breaker for Redis.

Use the dependency `RateLimit` from `app.api.deps`.
Keep the counts in the process: limits must apply while Redis is unavailable.
"""
