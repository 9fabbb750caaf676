"""The HTTP layer of every request: middleware, problems (RFC 9457), CORS and preconditions.

Import from `preconditions` and `request_context`.
The order of the middleware in `main.py` matters, and tests check it.
"""
