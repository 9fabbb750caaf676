"""The endpoints of accounts beyond users: signing in, login sessions and administration.

Each calls a module of `app.services.accounts`.
A change here needs a row in `tests/access/accounts.py`.
"""
