"""Version 1 of the API, served under /api/v1.

Add a router to `router.py` for each new module in `endpoints`.
Change a released operation only in ways that its clients can ignore.
"""
