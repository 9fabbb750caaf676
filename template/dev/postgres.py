"""Embedded PostgreSQL."""

import os
import re
import signal
import subprocess
from pathlib import Path

from dev.binaries import FIRST_WITH_BUILTIN_LOCALE, major_version, postgres_binaries
from dev.embedded import EmbeddedServer, temporary_folder
from dev.errors import ServerError
from dev.supervisor import CREDENTIALS, Server

# Disposable data need not survive a crash.
DISPOSABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL with its data in the folder `root`, by default in a temporary folder."""

    def __init__(self, root: Path | None = None, options: tuple[str, ...] = ()) -> None:
        # libpq's variables, such as PGSSLMODE, are meant for other servers.
        for name in [n for n in os.environ if re.fullmatch("PG[A-Z]+|PGCONNECT_TIMEOUT", n)]:
            del os.environ[name]
        self._binaries = postgres_binaries()
        settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "timezone=UTC",
            *(() if root else DISPOSABLE),
            *options,
        ]
        super().__init__(
            Server(
                name="PostgreSQL",
                folder=str(root.resolve() if root else temporary_folder("postgres")),
                disposable=root is None,
                binaries=str(self._binaries),
                command=[
                    *("postgres", "-D", "data", "-p", "{port}"),
                    *(part for setting in settings for part in ("-c", setting)),
                ],
                credentials="{password}",
                stop_signal=signal.SIGINT if root else signal.SIGQUIT,
                setup=_initdb(self._binaries),
                refuses_root=True,
                leftover="data/postmaster.pid",
            )
        )

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> None:
        """Create a database unless it exists."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        command = [str(self._binaries / "createdb"), *where, name]
        environ = os.environ | {"PGPASSWORD": self._password}
        result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if result.returncode != 0 and "already exists" not in result.stderr:
            raise ServerError(result.stderr.strip())


def _initdb(binaries: Path) -> list[str]:
    """Return the initdb command, with a locale whose sort order is the same on every machine."""
    if {*'"$`'} & {*str(binaries)}:  # initdb writes its path between quotes in a shell command
        raise ServerError(f'initdb cannot run with ", $ or ` in its path: move {binaries}.')
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    has_builtin = major_version(binaries) >= FIRST_WITH_BUILTIN_LOCALE
    return [
        *("initdb", "-D", "new", "-U", "postgres", "-E", "UTF8"),
        *("-A", "scram-sha-256", f"--pwfile={CREDENTIALS}"),
        *(builtin if has_builtin else ["--locale=C.UTF-8"]),
        *("--no-sync", "--no-instructions"),
    ]
