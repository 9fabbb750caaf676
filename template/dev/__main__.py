"""`python -m dev`: serves the project or runs a command, with PostgreSQL and Valkey."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from dev.dotenv import write_dotenv
from dev.errors import ServerError
from dev.interruption import interrupt_once
from dev.serving import Address, serve
from dev.workspace import workspace

DESCRIPTION = """\
Migrate the database and serve the project with reload, until Ctrl-C.
With COMMAND, run that command instead and exit with its exit code, for example
`python -m dev app create-admin me@example.com`.

If DATABASE_URL or REDIS_URL is set, in the environment or in .env, that server is used.
Otherwise this project's own PostgreSQL or Valkey is started, with its data in .data. All
`python -m dev` in this project share these servers, and the last one stops them.
"""


def main() -> None:
    """Run the command line; exit with a one-line error if a server or a file cannot be used."""
    arguments = _parser().parse_args()
    interrupt_once()
    try:
        if arguments.command:
            _run(arguments.command)
        else:
            _serve(Address(arguments.host, arguments.port))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except ServerError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"Cannot use {error.filename}: {error.strerror}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dev",
        usage="python -m dev [--host HOST] [--port PORT] [COMMAND ...]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", default=8000, type=_port, help="port to listen on (8000)")
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, metavar="COMMAND", help="command to run instead"
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"{text} is not a port, which is a number up to 65535")
    return int(text)


def _serve(address: Address) -> None:
    address.check()
    project = Path.cwd()
    if write_dotenv(project):
        print("Wrote .env with a new SECRET_KEY.", flush=True)
    print("Preparing PostgreSQL and Valkey ...", flush=True)
    with workspace(project) as prepared:
        print("Migrating the database ...", flush=True)
        _migrate(prepared.environ)
        print("Starting the service ...", flush=True)
        serve(address, prepared.environ)


def _migrate(environ: dict[str, str]) -> None:
    command = [_program("app", environ), "migrate"]
    # The command has its own session, because it would print a traceback after Ctrl-C.
    if code := subprocess.run(command, env=environ, start_new_session=True, check=False).returncode:
        sys.exit(f"`app migrate` failed with exit code {code}; the lines above say why.")


def _run(command: list[str]) -> NoReturn:
    """Replace this process with the command, which keeps the servers running until it ends."""
    project = Path.cwd()
    write_dotenv(project)
    with workspace(project) as prepared:
        program = _program(command[0], prepared.environ)
        for server in prepared.servers:
            server.outlive()
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # else the command would inherit SIG_IGN
        os.execve(program, command, prepared.environ)  # noqa: S606 - there is nothing to quote


def _program(name: str, environ: dict[str, str]) -> str:
    if found := shutil.which(name, path=environ["PATH"]):
        return found
    sys.exit(f"There is no command {name} here: `uv sync` installs the project's commands.")


if __name__ == "__main__":
    main()
