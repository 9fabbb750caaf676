"""No operation blocks the event loop, because all requests of a worker then wait."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from app.core.auth import password_hash, passwords
from dev.prove.attacks.checks import check, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared
from dev.prove.operations import Operation
from tests.databases import RolledBackDatabase

ATTEMPTS = 7
# A request without blocking calls holds the loop for less than 5 ms, a password hash for 25 ms.
LONGEST_SECONDS = 0.015
TICK_SECONDS = 0.001
SCHEDULED = Path("/proc/thread-self/schedstat")
# Audit events (PEP 578) of calls that block the thread.
BLOCKING = {
    "ftplib.connect",
    "http.client.connect",
    "os.system",
    "smtplib.connect",
    "socket.connect",
    "socket.getaddrinfo",
    "sqlite3.connect",
    "subprocess.Popen",
    "time.sleep",
    "urllib.Request",
}


class Calls:
    """The blocking calls in the thread of the event loop, while `thread` is set."""

    thread: int | None = None
    names: list[str] = []  # noqa: RUF012 - hooks of the interpreter are as global as this


def note(event: str, _arguments: object) -> None:
    if event in BLOCKING and Calls.thread == threading.get_ident():
        Calls.names.append(event)


sys.addaudithook(note)


@pytest.fixture
def _real_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Note `time.sleep`, and hash passwords for real, although the tests cache hashes."""
    sleep = time.sleep

    def noted(seconds: float) -> None:
        note("time.sleep", ())
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", noted)
    for name in ("get_password_hash", "verify_password"):
        monkeypatch.setattr(passwords, name, getattr(password_hash, name))
    yield
    Calls.thread = None


@pytest.mark.usefixtures("_real_calls")
@check("blocked event loop", lambda operation: bool(operation.roles))
async def test_no_operation_blocks_the_event_loop(
    operation: Operation, prepared: Prepare, database: RolledBackDatabase
) -> None:
    request = await prepared(operation)
    pauses, calls = list[float](), set[str]()
    for _ in range(ATTEMPTS):  # other processes may also delay the loop
        async with database.undone():
            Calls.names.clear()
            Calls.thread = threading.get_ident()
            pauses.append(await longest_pause(request))
            Calls.thread = None
        calls |= {*Calls.names}
        if pauses[0] < LONGEST_SECONDS:
            break
    problems = [f"{name} is called on the event loop" for name in sorted(calls)]
    if (usual := median(pauses)) >= LONGEST_SECONDS and not problems:
        problems = [f"the event loop is blocked for {usual * 1000:.0f} ms"]
    report(problems)


async def longest_pause(request: Prepared) -> float:
    """Send the request; return the seconds for which no other task could run.

    The time for which other processes used the processor is left out.
    """
    sending = asyncio.ensure_future(request.send())
    longest = 0.0
    while not sending.done():
        began, delayed = time.perf_counter(), seconds_delayed()
        await asyncio.sleep(TICK_SECONDS)
        pause = time.perf_counter() - began - TICK_SECONDS
        longest = max(longest, pause - (seconds_delayed() - delayed))
    await sending
    return longest


def seconds_delayed() -> float:
    """Return the time for which this thread has waited for a processor; 0 if Linux does not say."""
    try:
        return int(SCHEDULED.read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0
