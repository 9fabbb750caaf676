"""The endpoints of accounts beyond users and sign-in: login sessions and administration.

They are served under /users; each calls a module of `app.services.accounts`.
A change here needs a row in `tests/access/accounts.py`.
"""
