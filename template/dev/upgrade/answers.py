"""The file with the answers: `.copier-answers.yml`.

Copier writes the file in a fixed form, so regular expressions can parse it without a YAML library.
"""

import hashlib
import json
import re
from dataclasses import dataclass

FILE = ".copier-answers.yml"
ENTRY = re.compile(r"^(\w+):(.*\n(?:[ \t].*\n|-.*\n)*)", re.MULTILINE)
CHECKSUM = re.compile(r"^# Checksum: (\w+)$", re.MULTILINE)
OWN = re.compile(r"^_.*\n(?:[ \t].*\n)*", re.MULTILINE)


@dataclass(frozen=True)
class Answers:
    """Copier's answers file: its text, and the answers parsed from it."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Answers | None":
        """Parse the file; return `None` if it has no answers, another form or invalid UTF-8."""
        answers = cls(text.replace("\r\n", "\n").rstrip("\n") + "\n")
        rest = ENTRY.sub("", re.sub(r"^(?:#.*|---)?\n", "", answers.text, flags=re.MULTILINE))
        # Invalid UTF-8 bytes were decoded to surrogates.
        broken = re.search("[\0\ud800-\udfff]", text)
        return None if rest or not answers.given or broken else answers

    @property
    def commit(self) -> str | None:
        """Return the recorded version of the template, or `None`."""
        return self.entries.get("_commit")

    @property
    def source(self) -> str | None:
        """Return the recorded address of the template, or `None`."""
        return self.entries.get("_src_path")

    @property
    def given(self) -> dict[str, str]:
        """Return the answers."""
        return {name: value for name, value in self.entries.items() if not name.startswith("_")}

    @property
    def data(self) -> str:
        """Return the text without Copier's own entries, as a data file for Copier."""
        return OWN.sub("", self.text)

    def is_intact(self) -> bool:
        """Return whether the answers match their checksum, or have none."""
        said = CHECKSUM.search(self.text)
        lines = "".join(entry.group() for entry in ENTRY.finditer(self.data))
        return said is None or said[1] == hashlib.sha256(lines.encode()).hexdigest()

    @property
    def entries(self) -> dict[str, str]:
        """Return the answers and Copier's own entries, unquoted."""
        return {entry[1]: _unquoted(entry[2]) for entry in ENTRY.finditer(self.text)}


def _unquoted(scalar: str) -> str:
    """Return the value of a YAML scalar, which may be quoted and folded over several lines."""
    text = " ".join(line.strip() for line in scalar.strip().splitlines())
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    return text
