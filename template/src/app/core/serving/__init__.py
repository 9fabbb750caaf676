"""How gunicorn and uvicorn serve the application: workers, protocol, draining.

Only `gunicorn.conf.py` and `dev` import from here.
Avoid changes: the details are tested with raw sockets and killed processes.
"""
