"""Stored responses: a POST that is retried with the same Idempotency-Key runs once.

Use the dependency `accept_idempotency_key` from `app.api.deps`.
Only this package uses the table, except that `app.services.purge` deletes expired rows.
"""
