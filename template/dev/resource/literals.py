"""Values as Python source."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

INTEGER = re.compile(r"0|-?[1-9]\d*")
# In a text, these need an escape, or other quotes, in an f-string.
ESCAPED = re.compile(r'["{}\\]')
RUN = re.compile(r"(.)\1{19,}", re.DOTALL)
# The length of a short list, and of a line of a long list.
SHORT, WIDTH = 5, 64


class Source(str):
    """Python source, which stands in a literal as it is."""


class Numbered(NamedTuple):
    """Sources that differ in one number: the source before and after it, and each number."""

    before: str
    after: str
    numbers: list[int]


def numbered(sources: Sequence[str]) -> Numbered | None:
    """Return what the sources have in common, with an f-string for a number in a text."""
    for match in () if ESCAPED.search(sources[0]) else INTEGER.finditer(sources[0]):
        before, after = sources[0][: match.start()], sources[0][match.end() :]
        form = re.compile(f"{re.escape(before)}({INTEGER.pattern}){re.escape(after)}")
        found = [each and int(each[1]) for each in map(form.fullmatch, sources)]
        numbers = [each for each in found if each is not None]
        if len(numbers) < len(sources) or len({*numbers}) == 1:
            continue
        if before.count("'") % 2:
            start = before.rindex("'")
            return Numbered(f"{before[:start]}f{before[start:]}{{", f"}}{after}", numbers)
        if before[-1:] in {*"([= ", ""} and after[:1] in {*"]),", ""}:
            return Numbered(before, after, numbers)
    return None


def literal(value: Any) -> str:  # noqa: ANN401 - any value
    """Return the source of a value; runs of one character or element become products."""
    if isinstance(value, Source):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(k)}: {literal(v)}' for k, v in value.items())}}}"
    if isinstance(value, tuple):
        comma = "," if len(value) == 1 else ""
        return f"({', '.join(map(literal, value))}{comma})"
    if isinstance(value, list):
        return _list(value)
    return repr(value).replace("inf", "1e999")


def _text(text: str) -> str:
    parts, end = [], 0
    for run in RUN.finditer(text):
        parts += [repr(text[end : run.start()]), f"{run[1]!r} * {len(run[0])}"]
        end = run.end()
    return " + ".join(each for each in [*parts, repr(text[end:])] if each != "''") or "''"


def _list(values: list[Any]) -> str:
    if len(values) > SHORT and all(isinstance(each, str) and len(each) == 1 for each in values):
        first = ord(values[0])
        if values == [chr(first + n) for n in range(len(values))]:
            return f"[chr({first:#x} + n) for n in range({len(values)})]"
    lines: list[list[str]] = [[]]
    for each in map(literal, values):
        if lines[-1] and sum(map(len, lines[-1])) + len(each) > WIDTH:
            lines.append([])
        lines[-1].append(each)
    if len(lines) == 1:
        return f"[{', '.join(lines[0])}]"
    groups = [f"*({', '.join(line)})" if line[1:] else line[0] for line in lines]
    return f"[{', '.join(groups)}]"
