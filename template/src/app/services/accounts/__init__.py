"""Signing in and what follows: login sessions, refresh tokens, passwords, administration.

Call `authentication.confirm_caller` before a write that waits for locks.
Order of statements and locks is part of the security of accounts: see `tests/accounts`.
"""
