"""Runs the programs of the steps, and ends them if the command is interrupted."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dev.interruption import without_interruption

END_SECONDS = 10
UNCHANGED = "Nothing was written."


class StepError(Exception):
    """A step of the command failed; the message says which, with the output of its program."""


@dataclass(frozen=True)
class Programs:
    """Runs programs in a folder. Each holds the lock, so no command starts before it has ended."""

    folder: Path
    lock: IO[str]
    environ: Mapping[str, str]

    def __call__(self, *command: str, failure: str, sent: str = "") -> str:
        """Return a program's output; raise `StepError` with the output if it fails."""
        process = None
        try:
            with without_interruption():
                process = self._start(command)
            output = process.communicate(sent.encode())[0].decode("utf-8", "replace").strip()
        except KeyboardInterrupt:
            if process:
                _end(process)
            raise
        if process.returncode:
            raise StepError(f"{output}\n\n{failure}".lstrip())
        return output

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a program, in which Python finds the packages of the folder first."""
        path = {"PYTHONPATH": str(self.folder / "src"), "PYTHONSAFEPATH": "", "PYTHONUTF8": "1"}
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.environ, **path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[self.lock.fileno()],
            start_new_session=True,  # only `_end` sends it Ctrl-C
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and the programs that it started."""
    for ending in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, ending)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=END_SECONDS)
