"""Rendered projects, and the types of the fixtures that render and install them."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.processes import run, uv
from tests.support.variants import Answer, Answers


class Render(Protocol):
    """Renders the working tree with some answers, once for each set of them."""

    def __call__(self, **answers: Answer) -> Path: ...


@dataclass(frozen=True)
class Service:
    """A rendered project in its own folder, with environment variables."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a command with `uv run`, as owners do; raise `CommandFailedError` if it fails."""
        return run(uv(), "run", "--exact", "-q", *command, cwd=self.folder, **self.environment)


class Once(Protocol):
    """Creates a folder once for all pytest workers: the first one creates it, the others wait."""

    def __call__(self, name: str, make: Callable[[Path], object]) -> Path: ...


class Share(Protocol):
    """Gives projects with equal dependencies one environment and one cache of mypy."""

    def __call__(self, answers: Answers) -> dict[str, str]: ...


class Install(Protocol):
    """Renders a project and installs it, in a shared environment."""

    def __call__(self, **answers: Answer) -> Service: ...


def free_port() -> int:
    """Return a port on which no server listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
