"""Serves `app.main:app` with reload until the parent process ends.

The parent runs `python -m dev.webserver HOST PORT PIPE`. PIPE is the file descriptor of a pipe that
the kernel closes when the parent ends.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from importlib.util import find_spec

import uvicorn

GRACE_SECONDS = 3
STOP_SECONDS = 5
PROTOCOL = "app.core.serving.protocol"


def _stop_when_abandoned(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(STOP_SECONDS)
    for worker in multiprocessing.active_children():  # uvicorn waits for a hanging worker
        worker.kill()


def _protocol() -> str:
    """Return the service's HTTP protocol, or uvicorn's own for an adopted project without one."""
    with contextlib.suppress(ModuleNotFoundError):
        if find_spec(PROTOCOL):
            return f"{PROTOCOL}:BoundedProtocol"
    return "auto"


def main() -> None:
    """Serve the project. Standard input remains the terminal, for a debugger in the service."""
    host, port, pipe = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        threading.Thread(target=_stop_when_abandoned, args=(int(pipe),), daemon=True).start()
        uvicorn.run(
            "app.main:app",
            host=host,
            port=int(port),
            # The same protocol as in production, unless the project uses another server there.
            http=_protocol(),
            ws="none",
            reload=True,
            reload_dirs=["src"],
            access_log=False,  # the service logs its requests itself
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent may end just now


if __name__ == "__main__":
    main()
