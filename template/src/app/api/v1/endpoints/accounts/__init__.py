"""The account endpoints that are not in `users`: login sessions and administration.

Each endpoint calls a module of `app.services.accounts`.
A new operation needs a row in `tests/access/accounts.py`.
"""
