"""The configuration of gunicorn, for `gunicorn app.main:app`."""

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

# Read the settings here too, so that the server exits before it forks if some are invalid.
settings = get_settings()
# Import the code before the fork, so that workers start quickly and share its memory. Each worker
# then creates its own application. SIGHUP therefore replaces the workers, but loads no new code.
import_module("app.main")

bind = gunicorn_worker.listen_addresses(os.environ.get("BIND") or "0.0.0.0:8000")
GunicornWorker.drain_seconds = settings.drain_period
worker_class = GunicornWorker
workers = concurrency.workers()
# Only these proxies may set X-Forwarded-* headers. By default, no proxy may.
forwarded_allow_ips = settings.forwarded_allow_ips

# A stopping worker drains and completes its requests. gunicorn kills it after this time. The grace
# period of your platform must be longer, as `stop_grace_period` in compose.yaml is.
graceful_timeout = (
    ceil(settings.drain_period + settings.request_timeout_seconds) + 2 * LIFESPAN_SECONDS
)
# gunicorn replaces a worker whose event loop is blocked this long. A stopping worker sends no
# heartbeats either, so this must not be shorter than the graceful timeout.
timeout = graceful_timeout
keepalive = 75  # longer than the load balancer's, which must not reuse a closed connection
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True
on_reload = gunicorn_worker.on_reload
when_ready = gunicorn_worker.refuse_unix_sockets

accesslog = None
logconfig_dict = logging_config(settings.log_level, settings.log_format)


def on_starting(arbiter: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Serve metrics from this process, which outlives its workers and reloads."""
    metrics_server.start(settings.metrics_port, worker_tmp_dir)
    try:  # after the metrics port is bound, because BIND may name the same port
        gunicorn_worker.refuse_taken_addresses(arbiter)
    except SystemExit:
        metrics_server.close()
        raise
    freeze()


def post_worker_init(_worker: Any) -> None:  # noqa: ANN401
    """Exclude the objects of the worker's application from garbage collection."""
    freeze()


def freeze() -> None:
    """Exclude all current objects from garbage collection, which halves the slowest response times.

    Before the fork, this also prevents garbage collection from copying memory that workers share.
    """
    gc.collect()
    gc.freeze()


def child_exit(_arbiter: Any, worker: Any) -> None:  # noqa: ANN401
    """Keep the counters of a worker that has ended."""
    metrics_server.merge_dead_worker(worker.pid)


def on_exit(_arbiter: Any) -> None:  # noqa: ANN401
    """Delete the metrics files."""
    metrics_server.close()
