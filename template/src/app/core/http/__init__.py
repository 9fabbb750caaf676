"""The HTTP layer of every request: middleware, problems (RFC 9457), CORS and preconditions.

Import from `preconditions` and `request_context`.
`main.py` sets the order of the middleware, which tests check.
"""
