"""Runs pytest many times in a project, each time in a fork of a process with imported libraries.

Run this file in the folder and the environment of a project. It prints a line when it is ready.
Then each line of its input contains the arguments of a run and a file for the output of pytest; the
line that answers it is the exit code. All runs share a PostgreSQL server and a Valkey server.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

import pytest

OWN = {"app", "dev", "tests"}
LIST_MODULES = "import sys, app.main, tests.database_fixtures; print(*sys.modules)"
LONGEST_RUN = 120  # in seconds
CRASHED = 70


def import_libraries() -> None:
    """Import what the project imports, except modules of the project, which runs may change."""
    command = [sys.executable, "-c", LIST_MODULES]
    for name in subprocess.check_output(command, text=True).split():
        if name.partition(".")[0] not in OWN:
            with suppress(ImportError):  # a module that is an attribute of another one
                import_module(name)


def run_pytest(arguments: Sequence[str], output: str) -> int:
    """Run pytest in a fork, and return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = CRASHED
    try:
        signal.alarm(LONGEST_RUN)
        descriptor = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(descriptor, sys.stdout.fileno())
        os.dup2(descriptor, sys.stderr.fileno())
        for name in [name for name in sys.modules if name.partition(".")[0] in OWN]:
            del sys.modules[name]
        # Compiled code of a module that is changed for one run must not serve the next one.
        sys.dont_write_bytecode = True
        code = int(pytest.main([*arguments]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def main() -> None:
    """Start the servers, and answer each line of the input."""
    from dev.servers import postgres_server, valkey_server  # noqa: PLC0415 - of the project

    import_libraries()
    with postgres_server() as database, valkey_server() as valkey:
        os.environ |= {"TEST_DATABASE_URL": database, "REDIS_URL": valkey}
        print("ready", flush=True)  # noqa: T201 - to the process that started this one
        for line in sys.stdin:
            print(run_pytest(*json.loads(line)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
