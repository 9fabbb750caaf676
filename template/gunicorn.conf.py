"""gunicorn's configuration, for `gunicorn app.main:app`."""

import os

from app import server
from app.config import get_settings
from app.core.logging import logging_config
from app.server import GRACEFUL_SECONDS, Worker

# Read here as well, so that bad settings end the server before it forks.
settings = get_settings()

bind = os.environ.get("BIND", "0.0.0.0:8000")
worker_class = Worker
workers = server.workers()
# Whose X-Forwarded-* headers are believed: nobody's, unless said.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")

graceful_timeout = GRACEFUL_SECONDS + 5
timeout = 30  # a worker whose event loop stands still for so long is replaced
keepalive = 75  # longer than the load balancer's, so that it never meets a closed connection
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True

accesslog = None
logconfig_dict = logging_config(settings.log_level, settings.log_format)
