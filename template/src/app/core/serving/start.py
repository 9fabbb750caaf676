"""Checks whether the server can start, for `app check`."""

import os
import subprocess
import sys
from pathlib import Path

from app.core.serving.addresses import listen_addresses, refuse_shared_port
from app.core.serving.concurrency import workers

GUNICORN_CONF = Path("gunicorn.conf.py")
ARGUMENTS = ("-m", "gunicorn", "--check-config", "-c", str(GUNICORN_CONF), "app.main:app")


def check_start(metrics_port: int) -> None:
    """Exit with a one-line error if gunicorn would not start with the current environment.

    gunicorn reads some variables before gunicorn.conf.py, so this also runs its `--check-config`.
    """
    workers()
    refuse_shared_port(listen_addresses(os.environ.get("BIND") or "0.0.0.0:8000"), metrics_port)
    if GUNICORN_CONF.exists():
        command = [sys.executable, *ARGUMENTS]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if asked.returncode:
            reasons = asked.stderr.strip().splitlines()
            reason = reasons[-1].removeprefix("Error: ") if reasons else "it gives no reason"
            raise SystemExit(f"gunicorn cannot start: {reason}")
