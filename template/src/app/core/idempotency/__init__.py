"""Stored responses, so that a POST that is repeated with its Idempotency-Key runs once.

Call `accept_idempotency_key` of `app.api.deps`.
The table belongs to this room; `app.services.purge` deletes expired rows.
"""
