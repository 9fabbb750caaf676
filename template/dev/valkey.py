"""Embedded Valkey."""

import signal
from pathlib import Path

from dev.binaries import valkey_binary
from dev.embedded import EmbeddedServer, temporary_folder
from dev.supervisor import CREDENTIALS, Server


class EmbeddedValkey(EmbeddedServer):
    """Valkey with its data in memory. Processes that pass the same `root` share one server."""

    def __init__(self, root: Path | None = None) -> None:
        binary = valkey_binary()
        super().__init__(
            Server(
                name="Valkey",
                folder=str(root.resolve() if root else temporary_folder("valkey")),
                disposable=root is None,
                binaries=str(binary.parent),
                command=[
                    *(binary.name, CREDENTIALS, "--port", "{port}", "--bind", "127.0.0.1"),
                    *("--save", "", "--appendonly", "no"),
                ],
                credentials="requirepass {password}",
                stop_signal=signal.SIGTERM,
            )
        )

    @property
    def url(self) -> str:
        """Return the URL of this server."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"
