"""A person who follows the documentation at a terminal."""

import os
import re
from pathlib import Path

import pexpect

from tests.support.processes import run

SECONDS = 120


class Person:
    """Types commands into a shell in a folder."""

    def __init__(self, folder: Path, commands: str, template: Path) -> None:
        self.folder = folder
        self._path = f"{folder}/bin:{commands}"
        self._template = template
        self.terminals: list[pexpect.spawn[str]] = []
        (folder / "bin").mkdir()
        (folder / "bin/curl").symlink_to(Path(__file__).with_name("curl.py"))

    def types(self, block: str, folder: str = ".") -> str:
        """Run a block of commands; raise `CommandFailedError` if one fails."""
        script = block.replace("path/or/url/of/copier-fastapi", str(self._template))
        # The person accepts the default answer to every question.
        script = re.sub(r"copier copy(?! --defaults)", "copier copy --defaults", script)
        environment = {"PATH": self._path, "UV_PROJECT_ENVIRONMENT": ".venv"}
        shell = ["bash", "-euo", "pipefail", "-c", script]
        return run(*shell, cwd=self.folder / folder, **environment)

    def starts(self, line: str, folder: str) -> "pexpect.spawn[str]":
        """Run a command in a new terminal."""
        terminal = pexpect.spawn(
            "bash",
            ["-c", f"exec {line}"],
            cwd=self.folder / folder,
            env=os.environ | {"PATH": self._path},
            encoding="utf-8",
            timeout=SECONDS,
        )
        self.terminals.append(terminal)
        return terminal
