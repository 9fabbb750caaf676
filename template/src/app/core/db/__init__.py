"""Access to PostgreSQL: base classes of models, the engine, its pool and what it reports.

Call `base`, `ids`, `letter_case`, `sqlstate` and `after_commit`.
Leave `engine` and `pool` alone: each line there has a measured reason.
"""
