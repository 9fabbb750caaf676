"""What every request passes: middleware, problems (RFC 9457), CORS and preconditions.

Call `preconditions` and `request_context`.
The order of the middleware is set in `main.py` and is tested.
"""
