"""Runs one server in a separate process, and stops it when no process uses it any more.

Standard input is a pipe from the owner, the process that started the supervisor. The kernel closes
the pipe however the owner ends, so the server stops even after `kill -9` of the owner.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from dev import locks
from dev.errors import PortTakenError, ServerError
from dev.launcher import INITDB, Launcher, for_initdb, unprivileged
from dev.locks import Claim

READY = "ready to accept connections"  # PostgreSQL and Valkey both log this text
CREDENTIALS = "credentials"
START_SECONDS = 60
STOP_SECONDS = 30
TAIL_LINES = 10
ATTEMPTS = 3
PORT_TAKEN = "address already in use"


@dataclass(frozen=True, kw_only=True)
class Server:
    """The description of a server. Its commands run in `folder`."""

    name: str
    folder: str
    disposable: bool
    binaries: str
    command: list[str]  # {port} is replaced by the port
    credentials: str  # content of the credentials file; {password} must be its last word
    stop_signal: int
    setup: list[str] | None = None  # creates the folder `new`, which is then renamed to `data`
    refuses_root: bool = False
    leftover: str | None = None  # a killed server leaves this file, which prevents the next start


def supervise(server: Server) -> None:
    """Run `server` until no process uses it."""
    folder = Path(server.folder)
    if server.disposable:
        folder.mkdir(mode=0o700)
        try:
            _run(server, None)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    elif isinstance(claim := locks.claim(folder), int):
        _answer(port=claim)
    else:
        _run(server, claim)


def _run(server: Server, claim: Claim | None) -> None:
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(PortTakenError):
            return _serve(server, claim)
    return _serve(server, claim)


def _serve(server: Server, claim: Claim | None) -> None:
    port = _free_port()
    process = _start(server, port, claim)
    arguments = (server, process, claim)
    threading.Thread(target=_stop_when_unused, args=arguments, daemon=True).start()
    try:
        _wait_until_ready(server, process)
        if claim:
            claim.publish(port)
        _answer(port=port)
        process.wait()
    finally:
        _stop(server, process)
        if claim:
            claim.retract()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _start(server: Server, port: int, claim: Claim | None) -> subprocess.Popen[bytes]:
    """Start the server; on the first start, create its data."""
    folder, binaries = Path(server.folder), Path(server.binaries)
    launcher = Launcher(binaries=binaries)
    if server.refuses_root and os.geteuid() == 0:
        launcher = unprivileged(folder, binaries)
    with (folder / "server.log").open("wb") as log:
        if not (folder / "data").exists():
            _write_credentials(server)
            if server.setup:
                _set_up(server, server.setup, launcher, log)
        if claim and server.leftover:
            # This file's process id may be another program's. The claim proves that no server runs.
            (folder / server.leftover).unlink(missing_ok=True)
        command = [part.replace("{port}", str(port)) for part in server.command]
        # The server inherits the claim, and holds it even if this process is killed.
        keep = (claim.server.fileno(),) if claim else ()
        return launcher.start(command, folder, log, keep)


def _set_up(server: Server, command: list[str], launcher: Launcher, log: IO[bytes]) -> None:
    """Create the data of the server; an interruption leaves no partial folder `data`."""
    folder = Path(server.folder)
    shutil.rmtree(folder / "new", ignore_errors=True)
    with for_initdb(launcher, folder).start(command, folder, log) as setup:
        if setup.wait() != 0:
            raise ServerError(_failure(server))
    shutil.rmtree(folder / INITDB, ignore_errors=True)
    (folder / "new").rename(folder / "data")


def _write_credentials(server: Server) -> None:
    """Write a new password to a file that only the owner of the folder can read."""
    folder = Path(server.folder)
    file = folder / CREDENTIALS
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        # Root starts the server as the owner of the folder, who must be able to read the file.
        os.fchown(opened.fileno(), folder.stat().st_uid, -1)
        opened.write(server.credentials.replace("{password}", secrets.token_urlsafe(32)) + "\n")


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server logs that it is ready; raise `ServerError` if it ends or times out."""
    deadline = time.monotonic() + START_SECONDS
    while READY not in _log(server).lower():
        if process.poll() is not None or time.monotonic() > deadline:
            error = PortTakenError if PORT_TAKEN in _log(server).lower() else ServerError
            raise error(_failure(server))
        time.sleep(0.01)


def _log(server: Server) -> str:
    return Path(server.folder, "server.log").read_text(errors="replace")


def _failure(server: Server) -> str:
    place = "" if server.disposable else f", {server.folder}/server.log,"
    tail = "\n  ".join(_log(server).strip().splitlines()[-TAIL_LINES:])
    return f"{server.name} did not start. Its log{place} ends with:\n  {tail}"


def _stop_when_unused(
    server: Server, process: subprocess.Popen[bytes], claim: Claim | None
) -> None:
    """Stop the server when the owner's pipe is closed and no other process uses the server."""
    os.read(sys.stdin.fileno(), 1)  # returns when the pipe closes, since the owner never writes
    if claim:
        claim.wait_until_unused()
    _stop(server, process)


def _stop(server: Server, process: subprocess.Popen[bytes]) -> None:
    process.send_signal(server.stop_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answer(**answer: int | str) -> None:
    """Send an answer to the owner, unless the owner has ended."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(1)


def main() -> None:
    """Supervise the server that the argument describes."""
    signal.signal(signal.SIGTERM, _terminated)
    os.umask(0o022)  # the server's user must be able to read root's files in the private folder
    try:
        supervise(Server(**json.loads(sys.argv[1])))
    except (OSError, ServerError) as error:
        _answer(error=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
