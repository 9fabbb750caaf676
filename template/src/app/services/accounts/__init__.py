"""Login, sessions, refresh tokens, passwords and the administration of users.

After waiting for a lock, call `authentication.confirm_caller` before you write.
The security of accounts depends on the order of statements and locks: see `tests/accounts`.
"""
