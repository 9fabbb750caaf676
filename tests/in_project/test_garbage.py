"""Garbage collection in workers."""

import subprocess
import sys

from tests.clients import SECRET_KEY
from tests.in_project.processes import PROJECT

WORKER = """
import gc, runpy
hooks = runpy.run_path("gunicorn.conf.py")
hooks["post_worker_init"](None)
print(len(gc.get_objects()), gc.get_freeze_count())
"""


def test_a_worker_excludes_startup_objects_from_garbage_collection(server_url: str) -> None:
    environ = {"ENVIRONMENT": "test", "SECRET_KEY": SECRET_KEY, "DATABASE_URL": server_url}
    command = [sys.executable, "-c", WORKER]
    said = subprocess.run(
        command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=True
    )

    collected, frozen = map(int, said.stdout.split())
    assert frozen > 100 * collected
