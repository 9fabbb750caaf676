"""Login, sessions, refresh tokens, passwords and the administration of users.

In a write that waits for locks, call `authentication.confirm_caller` before you write.
The order of statements and locks is part of the security of accounts: see `tests/accounts`.
"""
