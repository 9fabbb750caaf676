"""Access to PostgreSQL: base classes of models, the engine and its pool, and SQLSTATE codes.

Import from `base`, `ids`, `letter_case`, `sqlstate` and `after_commit`.
Do not change `engine` and `pool`: each line there has a measured reason.
"""
