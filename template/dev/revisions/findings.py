"""A finding of the gate, and the lines in a revision that excuse it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

EXCUSE = re.compile(r"#\s*safe:\s*(.*)")


@dataclass(frozen=True)
class Finding:
    """A statement of a revision that is unsafe by a rule; with a reason, it is excused."""

    file: str
    line: int
    rule: str
    problem: str
    reason: str | None = None

    def __str__(self) -> str:
        """Return the line that is printed."""
        place = f"{self.file}:{self.line}: {self.rule}"
        if self.reason:
            return f"safe: {place}: {self.reason}"
        missing = " (`# safe:` needs a reason)" if self.reason is not None else ""
        return f"unsafe: {place}: {self.problem}{missing}"

    @property
    def is_excused(self) -> bool:
        """Return whether the revision gives a reason why the statement is safe."""
        return bool(self.reason)


def find_reason(source: str, line: int) -> str | None:
    """Return the reason in `# safe: reason`, which may be empty; `None` without such a comment.

    It stands at or directly above the statement of the line, or a `with` around that, or
    unindented, for the whole revision.
    """
    lines = source.splitlines()
    near = [each for each in lines if each.startswith("#")]
    for first, last in _statements(source, line):
        start = first - 1
        while start and lines[start - 1].lstrip().startswith("#"):
            start -= 1
        near += lines[start:last]
    found = [match[1].strip() for each in near if (match := EXCUSE.search(each))]
    return max(found, key=bool) if found else None


def _statements(source: str, line: int) -> Iterator[tuple[int, int]]:
    """Yield the lines of the innermost statement around a line, and of the heads of its blocks."""
    around = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    for node in sorted(around, key=lambda each: each.lineno)[-1:]:
        yield node.lineno, node.end_lineno or node.lineno
    for node in around:
        if isinstance(node, ast.With):
            yield node.lineno, node.lineno
