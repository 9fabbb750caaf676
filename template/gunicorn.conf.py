"""gunicorn's configuration, for `gunicorn app.main:app`."""

import gc
import os
from importlib import import_module
from math import ceil
from typing import Any

from app.config import get_settings
from app.core.observability.logging import logging_config
from app.core.observability.metrics_server import metrics_server
from app.core.serving import concurrency, gunicorn_worker
from app.core.serving.gunicorn_worker import LIFESPAN_SECONDS, GunicornWorker

# Read here as well, so that bad settings end the server before it forks.
settings = get_settings()
# Imported once, before the fork: workers start at once and share the memory. SIGHUP replaces the
# workers, not the code; the application itself is made in each worker.
import_module("app.main")

bind = gunicorn_worker.listen_addresses(os.environ.get("BIND") or "0.0.0.0:8000")
GunicornWorker.drain_seconds = settings.drain_period
worker_class = GunicornWorker
workers = concurrency.workers()
# Whose X-Forwarded-* headers are believed: nobody's, unless said.
forwarded_allow_ips = settings.forwarded_allow_ips

# A worker that is told to stop drains, and then answers what has begun, before it is killed.
# Whoever stops the service must wait longer still: see `stop_grace_period` in compose.yaml.
graceful_timeout = (
    ceil(settings.drain_period + settings.request_timeout_seconds) + 2 * LIFESPAN_SECONDS
)
# A worker whose event loop stands still for so long is replaced; one that stops is silent, too.
timeout = graceful_timeout
keepalive = 75  # longer than the load balancer's, so that it never meets a closed connection
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True
on_reload = gunicorn_worker.on_reload
when_ready = gunicorn_worker.refuse_unix_sockets

accesslog = None
logconfig_dict = logging_config(settings.log_level, settings.log_format)


def on_starting(arbiter: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Answer Prometheus from this process: it outlives the workers, and a reload."""
    metrics_server.start(settings.metrics_port, worker_tmp_dir)
    try:  # after the other port is taken, since both may be the same
        gunicorn_worker.refuse_taken_addresses(arbiter)
    except SystemExit:
        metrics_server.close()
        raise
    freeze()


def post_worker_init(_worker: Any) -> None:  # noqa: ANN401
    """Begin with what the application is made of out of the way."""
    freeze()


def freeze() -> None:
    """Take what is there for good out of every collection of garbage: the slowest answers halve.

    Done before the fork as well, it leaves the memory that workers share untouched.
    """
    gc.collect()
    gc.freeze()


def child_exit(_arbiter: Any, worker: Any) -> None:  # noqa: ANN401
    """Keep what a worker had counted."""
    metrics_server.bury(worker.pid)


def on_exit(_arbiter: Any) -> None:  # noqa: ANN401
    """Leave nothing behind."""
    metrics_server.close()
