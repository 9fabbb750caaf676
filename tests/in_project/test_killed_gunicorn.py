"""Workers and files after the main process of gunicorn was killed."""

import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.core.serving.gunicorn_worker import GunicornWorker
from tests.in_project.processes import gunicorn

ENVIRON = {
    "ENVIRONMENT": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "SECRET_KEY": "for tests: Wk3vQ9xTz0rLbN5mYc8dHs2f",
    "WEB_CONCURRENCY": "2",
}


def test_workers_end_when_gunicorn_is_killed(tmp_path: Path) -> None:
    """REL-03"""
    with gunicorn(tmp_path, ENVIRON) as server:
        server.read_until("Application startup complete", times=2)
        server.process.kill()
        assert server.process.stdout
        rest = server.process.stdout.read()  # returns when no worker has the pipe open

    assert rest.count("Finished server process") == 2


def test_a_worker_whose_event_loop_is_blocked_ends_after_the_graceful_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[Any] = []
    monkeypatch.setattr(
        "app.core.serving.gunicorn_worker.os.kill", lambda _pid, sent: done.append(sent)
    )
    monkeypatch.setattr("app.core.serving.gunicorn_worker.os._exit", done.append)
    monkeypatch.setattr("app.core.serving.gunicorn_worker.time.sleep", done.append)
    worker = SimpleNamespace(ppid=os.getppid() + 1, cfg=SimpleNamespace(graceful_timeout=45))

    GunicornWorker._end_with_gunicorn(cast("GunicornWorker", worker))

    assert done == [signal.SIGQUIT, 45, 1]
