"""The file with the answers: `.copier-answers.yml`.

Copier writes it, so it is read line by line: what is needed of it needs no YAML.
"""

import hashlib
import json
import re
from dataclasses import dataclass

FILE = ".copier-answers.yml"
ENTRY = re.compile(r"^(\w+):(.*\n(?:[ \t].*\n|-.*\n)*)", re.MULTILINE)
CHECKSUM = re.compile(r"^# Checksum: (\w+)$", re.MULTILINE)
OWN = re.compile(r"^_.*\n(?:[ \t].*\n)*", re.MULTILINE)
PLAIN = re.compile(r"[A-Za-z/.][\w/.:@+~-]*[\w/]")


@dataclass(frozen=True)
class Answers:
    """The text of the file, and what is in it."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Answers | None":
        """Read the file, unless its lines are not Copier's."""
        answers = cls(text.replace("\r\n", "\n").rstrip("\n") + "\n")
        rest = ENTRY.sub("", re.sub(r"^(?:#.*|---)?\n", "", answers.text, flags=re.MULTILINE))
        # What is not UTF-8 was read as halves of signs.
        broken = re.search("[\0\ud800-\udfff]", text)
        return None if rest or not answers.given or broken else answers

    @property
    def commit(self) -> str | None:
        """Return the version that the project stems from."""
        return self._all.get("_commit")

    @property
    def source(self) -> str | None:
        """Return the address of the template."""
        return self._all.get("_src_path")

    @property
    def given(self) -> dict[str, str]:
        """Return the answers."""
        return {name: value for name, value in self._all.items() if not name.startswith("_")}

    @property
    def data(self) -> str:
        """Return the lines of the answers, for Copier to read."""
        return OWN.sub("", self.text)

    def is_intact(self) -> bool:
        """Tell whether the answers are as Copier wrote them, where it wrote a checksum."""
        said = CHECKSUM.search(self.text)
        lines = "".join(entry.group() for entry in ENTRY.finditer(self.data))
        return said is None or said[1] == hashlib.sha256(lines.encode()).hexdigest()

    def says_the_same(self, other: "Answers") -> bool:
        """Tell whether another file says the same, however it is written."""
        return self._all == other._all

    def stemming_from(self, commit: str, source: str) -> "Answers":
        """Return the answers of a project that stems from another version or address."""
        own = f"_commit: {_quoted(commit)}\n_src_path: {_quoted(source)}\n"
        start = ENTRY.search(self.text)
        head = self.text[: start.start()] if start else ""
        return Answers(OWN.sub("", head) + own + OWN.sub("", self.text[len(head) :]))

    @property
    def _all(self) -> dict[str, str]:
        return {entry[1]: _unquoted(entry[2]) for entry in ENTRY.finditer(self.text)}


def _unquoted(scalar: str) -> str:
    """Return what a scalar says, whose long lines YAML may have broken."""
    text = " ".join(line.strip() for line in scalar.strip().splitlines())
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    return text


def _quoted(text: str) -> str:
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
