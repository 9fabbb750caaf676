"""The endpoints of login sessions and of the administration of users.

Their paths start with /users; each calls a module of `app.services.accounts`.
A change here needs a row in `tests/access/accounts.py`.
"""
