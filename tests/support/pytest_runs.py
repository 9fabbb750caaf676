"""Runs of pytest in a project, each a fork of the process `forked_pytest`."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import forked_pytest
from tests.support.processes import uv
from tests.support.services import Service


@dataclass(frozen=True)
class PytestRuns:
    """Runs pytest in a project, and writes its output to a file."""

    project: Path
    output: Path
    _process: "subprocess.Popen[str]"

    def run(self, arguments: Sequence[str]) -> int:
        """Run pytest, and return its exit code."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([arguments, str(self.output)]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def pytest_runs(service: Service, output: Path, **environment: str) -> Iterator[PytestRuns]:
    """Start the process within the context."""
    path = {"PYTHONPATH": os.pathsep.join((".", "src"))}
    with subprocess.Popen(
        [uv(), "run", "--no-sync", "-q", "python", "-P", forked_pytest.__file__],
        cwd=service.folder,
        env=os.environ | service.environment | path | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield PytestRuns(service.folder, output, process)
        process.communicate()  # it ends when its input does
