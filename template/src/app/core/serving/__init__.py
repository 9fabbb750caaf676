"""How gunicorn and uvicorn serve the application: workers, protocol, draining.

Only `gunicorn.conf.py` and `dev` use it.
Avoid changes: it is tested with raw sockets and killed processes.
"""
