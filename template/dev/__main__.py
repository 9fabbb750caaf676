"""`python -m dev`: serves the project, or runs a command, with PostgreSQL and Valkey at hand."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dev.dotenv import write_dotenv
from dev.errors import ServerError
from dev.serving import Address, serve
from dev.upgrade.place import FOLDER
from dev.upgrade.stale import stale_names
from dev.workspace import workspace

ENDINGS = (signal.SIGINT, signal.SIGTERM)
DESCRIPTION = """\
Migrate the database and serve the project with reload, until Ctrl-C.
With COMMAND, run that instead and exit with its exit code, for example
`python -m dev app create-admin me@example.com`.

Where DATABASE_URL or REDIS_URL is set, in the environment or in .env, that server is used.
For the others a PostgreSQL and a Valkey of this project's own are started, with their data in
.data, and shared with every other `python -m dev` in this project; they stop with the last.
"""


def main() -> None:
    """Do what the arguments ask; every failure is one sentence and exit code 1."""
    arguments = _parser().parse_args()
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
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


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Begin to stop; what is asked again meanwhile, as by `uv run`, must not cut that short."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dev",
        usage="python -m dev [--host HOST] [--port PORT] [COMMAND ...]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", default=8000, type=_port, help="where to listen (8000)")
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, metavar="COMMAND", help="what to run instead"
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
        print("Wrote .env, with a fresh SECRET_KEY.", flush=True)
    print("Preparing PostgreSQL and Valkey ...", flush=True)
    with workspace(project) as prepared:
        print("Migrating the database ...", flush=True)
        _migrate(prepared.environ)
        print("Starting the service ...", flush=True)
        serve(address, prepared.environ)


def _migrate(environ: dict[str, str]) -> None:
    command = [_program("app", environ), "migrate"]
    if code := subprocess.run(command, env=environ, check=False).returncode:
        sys.exit(f"`app migrate` failed with exit code {code}; the lines above say why.")


def _run(command: list[str]) -> NoReturn:
    """Become the command: it then holds the servers, and has the terminal and the exit code."""
    project = Path.cwd()
    write_dotenv(project)
    if FOLDER in project.parts:
        # Releases before 0.3.0 run the revisions of an upgrade here, and do not look for these.
        print(stale_names(project), end="", file=sys.stderr, flush=True)
    with workspace(project) as prepared:
        program = _program(command[0], prepared.environ)
        for server in prepared.servers:
            server.outlive()
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and would pass that on
        os.execve(program, command, prepared.environ)  # noqa: S606 - there is nothing to quote


def _program(name: str, environ: dict[str, str]) -> str:
    if found := shutil.which(name, path=environ["PATH"]):
        return found
    sys.exit(f"There is no command {name} here; `uv sync` installs those of the project.")


if __name__ == "__main__":
    main()
