"""Access to PostgreSQL: base classes of models, the engine and its pool, and SQLSTATE codes.

Import from `base`, `ids`, `letter_case`, `reads`, `sqlstate` and `after_commit`.
Do not change `engine`, `pool` and `reader`: each line there has a measured reason.
"""
