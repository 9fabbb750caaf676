"""Rate limits, counted in Redis or in the process, and the circuit breaker before Redis.

Call `RateLimit` of `app.api.deps`.
A limit holds when Redis is away, too: keep the local count.
"""
