"""The faults of `prove_faults.toml`, and the findings of `poe prove` that name them."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.planting import FIXTURES, Edit, NewFile, planted

LIST: dict[str, Any] = tomllib.loads((FIXTURES / "prove_faults.toml").read_text("utf-8"))
REVISION = re.compile(r'^revision: str = "(\w+)"', re.MULTILINE)
PLUGIN = Path(__file__).with_name("chosen_operation.py")
FUZZING = "dev/prove/attacks/schemathesis.toml"
LAST_LINES = '    "451",\n]\n'
ONE_OPERATION = """
[[operations]]
exclude-name = "{}"
enabled = false
"""


@dataclass(frozen=True)
class Fault:
    """A fault, the section that must find it, and the changes that plant it."""

    id: str
    section: str
    names: str
    wrong: str
    variant: str
    edits: Sequence[Mapping[str, str]]
    files: Sequence[Mapping[str, str]]

    def planted(self, project: Path) -> AbstractContextManager[None]:
        """Plant the fault in a project, and remove it at the end."""
        head = _head(project) if self.files else ""
        files = [NewFile(each["path"], each["text"].replace("{head}", head)) for each in self.files]
        edits = [Edit(each["path"], each["before"], each["after"]) for each in self.edits]
        return planted(project, [*edits, *files, *self._choice()])

    def _choice(self) -> list[Edit | NewFile]:
        """Return the changes with which the attacks concern only the operation of the fault."""
        if self.section != "attacks":
            return []
        fuzzed = Edit(FUZZING, LAST_LINES, LAST_LINES + ONE_OPERATION.format(self.names))
        return [fuzzed, NewFile(PLUGIN.name, PLUGIN.read_text("utf-8"))]

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which `poe prove` runs only the tests that may find the fault."""
        if self.section == "migrations":
            return {"PYTEST_ADDOPTS": "-k sessions"}  # for the rehearsal
        if self.section == "attacks":
            return {"PYTEST_PLUGINS": PLUGIN.stem, "CHOSEN_OPERATION": self.names}
        return {}

    def is_named_by(self, finding: Mapping[str, str]) -> bool:
        """Return whether a finding of the section failed and names what is wrong."""
        if finding["outcome"] != "failed":
            return False
        if " /" in self.names and self.section not in {"faults", "load"}:
            return finding["subject"] == self.names
        text = "{check} {subject} {detail}".format_map(finding)
        # A path must not be the beginning of another one.
        return re.search(rf"\b{re.escape(self.names)}(?![\w/{{-])", text) is not None


def read_faults() -> list[Fault]:
    """Return all faults."""
    return [
        Fault(
            id=each["id"],
            section=each["section"],
            names=each["names"],
            wrong=each["wrong"],
            variant=each.get("variant", ""),
            edits=each.get("edits", ()),
            files=each.get("files", ()),
        )
        for each in LIST["fault"]
    ]


def _head(project: Path) -> str:
    """Return the id of the revision that adds the comments."""
    [path] = project.glob("migrations/versions/*_add_comments_*.py")
    [head] = REVISION.findall(path.read_text("utf-8"))
    return str(head)
