"""The development environment of a project: its settings and its servers."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from dev.embedded import EmbeddedServer
from dev.postgres import EmbeddedPostgres
from dev.valkey import EmbeddedValkey

DATABASE = "app"


@dataclass(frozen=True)
class Workspace:
    """The environment variables for a command, and the servers started for it."""

    environ: dict[str, str]
    servers: list[EmbeddedServer]


@contextmanager
def workspace(project: Path) -> Iterator[Workspace]:
    """Yield the workspace with running servers; raise `ServerError` if a server does not start."""
    settings = _settings(project)
    servers: list[EmbeddedServer] = []
    with ExitStack() as stack:
        if not settings.get("DATABASE_URL"):
            postgres = stack.enter_context(_postgres(project / ".data/postgres"))
            postgres.create_database(DATABASE)
            settings["DATABASE_URL"] = postgres.url(DATABASE)
            servers.append(postgres)
        if not settings.get("REDIS_URL"):
            valkey = stack.enter_context(EmbeddedValkey(project / ".data/valkey"))
            settings["REDIS_URL"] = valkey.url
            servers.append(valkey)
        yield Workspace(_environ(settings), servers)


def _settings(project: Path) -> dict[str, str]:
    """Return the settings that are not empty, from `.env` and the environment.

    The environment takes precedence.
    """
    dotenv = {name.upper(): value for name, value in dotenv_values(project / ".env").items()}
    return {name: value for name, value in (dotenv | os.environ).items() if value}


def _postgres(folder: Path) -> EmbeddedPostgres:
    if not (folder / "data").exists():
        print(f"Creating a PostgreSQL in {folder} ...", file=sys.stderr, flush=True)
    return EmbeddedPostgres(folder)


def _environ(settings: dict[str, str]) -> dict[str, str]:
    """Return the environment with both URLs, and this interpreter's folder first on the PATH."""
    commands = str(Path(sys.executable).parent)
    return os.environ | {
        "DATABASE_URL": settings["DATABASE_URL"],
        "REDIS_URL": settings["REDIS_URL"],
        "PATH": os.pathsep.join([commands, os.environ.get("PATH", os.defpath)]),
    }
