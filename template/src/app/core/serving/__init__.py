"""How gunicorn and uvicorn serve the application: workers, protocol, draining.

`gunicorn.conf.py` and `dev` use it; nothing else needs to.
Leave it alone: it is tested against raw sockets and killed processes.
"""
