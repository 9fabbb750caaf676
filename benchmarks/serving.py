"""Serve a rendered project with one gunicorn worker, with its own development servers."""

import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import demo


def serve(
    folder: Path, port: int, start: str, **settings: str
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the shell commands `start`, which end in gunicorn; stop all of it at the end."""
    production = {
        "BIND": f"{demo.HOST}:{port}",
        "LOG_LEVEL": "warning",
        "RATE_LIMIT_ENABLED": "false",
        "WEB_CONCURRENCY": "1",
    }
    shell = ("sh", "-ec", start)
    return demo.serve(folder, *shell, stop=signal.SIGTERM, **production, **settings)
