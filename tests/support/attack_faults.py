"""The faults of `attack_faults.toml`, and runs of the checks that find them."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.support.planting import FIXTURES, Edit, planted
from tests.support.pytest_runs import PytestRuns

FOLDER = "dev/prove/attacks"
PLUGINS = ("-p", "tests.conftest", "-p", "dev.prove.attacks.recording")
# Plain assertions: pytest cannot rewrite modules that the process has imported.
OPTIONS = (
    *("-q", "--tb=short", "--assert=plain", "-p", "no:cacheprovider", "-c", "pyproject.toml"),
    *("-o", "python_files=check_*.py"),
)
# These faults need a resource that refers to another one, or text that only fuzzing sends.
IN_RESOURCES = {"ids of others in bodies", "deep input", "duplicated input"}


@dataclass(frozen=True)
class Fault:
    """A fault, the check that finds it, and the edits that plant it."""

    check: str
    tests: str
    edits: Sequence[Edit]

    def planted(self, project: Path) -> AbstractContextManager[None]:
        """Plant the fault in a project, and remove it at the end."""
        return planted(project, self.edits)


@dataclass(frozen=True)
class FuzzingFault:
    """A fault that only fuzzing finds: the operation, a part of the detail, and the edits."""

    subject: str
    detail: str
    edits: Sequence[Edit]


@dataclass(frozen=True)
class Attack:
    """Runs checks, which write their findings to a file."""

    runs: PytestRuns
    findings: Path

    def run(self, tests: str) -> list[dict[str, str]]:
        """Run the checks that an expression selects, and return their findings."""
        self.findings.unlink(missing_ok=True)
        self.runs.run([*PLUGINS, *OPTIONS, "-k", tests, FOLDER])
        assert self.findings.exists(), self.runs.output.read_text("utf-8")
        lines = self.findings.read_text("utf-8").splitlines()
        return [finding for line in lines for finding in json.loads(line)]


def read_faults() -> list[Fault]:
    """Return the faults that the checks of pytest find."""
    return [Fault(each["check"], each["tests"], edits) for each, edits in _read("fault")]


def read_fuzzing_faults() -> list[FuzzingFault]:
    """Return the faults that only fuzzing finds."""
    return [
        FuzzingFault(each["subject"], each["detail"], edits) for each, edits in _read("fuzzing")
    ]


def _read(kind: str) -> Iterator[tuple[dict[str, str], list[Edit]]]:
    for each in tomllib.loads((FIXTURES / "attack_faults.toml").read_text("utf-8"))[kind]:
        yield each, [Edit(*edit) for edit in each["edits"]]


def declared_checks(modules: Iterable[Path]) -> set[str]:
    """Return the names of the checks in some modules."""
    texts = (module.read_text("utf-8") for module in modules)
    return {name for text in texts for name in re.findall(r'^@check\("([^"]+)"', text, re.M)}
