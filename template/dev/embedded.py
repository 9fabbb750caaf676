"""The client side of embedded servers, which run as long as a process uses them."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Self

from dev import locks
from dev.errors import ServerError
from dev.supervisor import CREDENTIALS, Server


class EmbeddedServer:
    """A process's handle to a server that several processes can share.

    The first process starts the server, and the last one stops it.
    """

    def __init__(self, server: Server) -> None:
        self._use = None if server.disposable else locks.use(Path(server.folder))
        self._supervisor = subprocess.Popen(
            [sys.executable, "-m", "dev.supervisor", json.dumps(asdict(server))],
            cwd=Path(__file__).parent.parent,
            # With PYTHONSAFEPATH, Python would find no module in that folder.
            env=os.environ | {"PYTHONSAFEPATH": "", "PYTHONWARNINGS": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C must not stop the server while this process uses it
        )
        try:
            self.port = self._wait_for_port(server.name)
            self._password = _read_password(Path(server.folder))
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Release the server; wait until it has stopped, unless other processes use it."""
        last = self._use is None or locks.is_last(self._use)
        for held in (self._supervisor.stdin, self._supervisor.stdout, self._use):
            if held:
                held.close()
        if last:
            self._supervisor.wait()

    def outlive(self) -> None:
        """Keep the server running for the program that replaces this process by `exec`."""
        for held in (self._supervisor.stdin, self._use):
            if held:
                os.set_inheritable(held.fileno(), True)

    def _wait_for_port(self, name: str) -> int:
        """Return the port of the server; raise `ServerError` if the server did not start."""
        line = self._supervisor.stdout.readline() if self._supervisor.stdout else b""
        if not line:
            raise ServerError(f"{name} was killed while it started.")
        answer = json.loads(line)
        if "error" in answer:
            raise ServerError(answer["error"])
        return int(answer["port"])


def _read_password(folder: Path) -> str:
    """Return the password of the server in `folder`; raise `ServerError` if none is stored."""
    try:
        return (folder / CREDENTIALS).read_text().split()[-1]
    except FileNotFoundError:
        raise ServerError(
            f"{folder} has lost its password: delete that folder, and the next start creates it."
        ) from None


def temporary_folder(name: str) -> Path:
    """Return the path of a folder that the supervisor creates and deletes."""
    return Path(tempfile.gettempdir()).resolve() / f"{name}-{os.urandom(8).hex()}"
