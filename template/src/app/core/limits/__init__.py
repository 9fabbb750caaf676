"""Rate limits, counted in Redis or in the process, and the circuit breaker for Redis.

Call `RateLimit` of `app.api.deps`.
Keep the local count: limits must hold while Redis is unavailable.
"""
