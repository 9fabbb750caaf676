"""Answers that are stored, so that a POST with the same Idempotency-Key runs once.

Call `accept_idempotency_key` of `app.api.deps`.
The table is the platform's; `app.services.purge` deletes what has expired.
"""
