"""Finds the names of moved modules in the text of a file.

Import statements are found with regular expressions instead of a parser. This also works in files
with conflict markers, in examples in docstrings, and with the syntax of a later Python.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from upgrade.moves import PACKAGES
from upgrade.names import Names

SPACE = r"(?:[ \t]|\\\r?\n)"
ITEM = rf"[A-Za-z_]\w*(?:{SPACE}+as{SPACE}+\w+)?"
LISTED = rf"\((?:[^()#]|#.*)*\)|\*|{ITEM}(?:{SPACE}*,{SPACE}*{ITEM})*"
FROM_IMPORT = re.compile(
    rf"(?<![\w.])from{SPACE}+(?P<module>\.*[A-Za-z_][\w.]*|\.+)"
    rf"{SPACE}*\bimport(?:{SPACE}+|(?=\())(?P<listed>{LISTED})"
)
PART = re.compile(
    r"(?P<comment>#[^\r\n]*)|(?P<line>\n)"
    rf"|(?P<name>\w+|\*)(?:(?:{SPACE}|\s)+as(?:{SPACE}|\s)+(?P<local>\w+))?"
)
IMPORT = re.compile(r"^[ \t]*import[ \t]+\w[\w., \t]*", re.MULTILINE)
# A dotted name that is not part of a longer name, a path or an address.
DOTTED = re.compile(
    r"(?:(?<![\w./@$-])(?:app|tests)|(?<=[\w)\]]\.)app(?=\.state\.))"
    r"(?:\.[A-Za-z_]\w*)+(?![\w@/-]|:\d)"
)
BEFORE_MODULE = re.compile(r"""(?:["'`]|\b(?:import|from)[ \t]+|-m[ \t]+)\Z""")
IMPORTS_APP = re.compile(r"^[ \t]*import[ \t]+app\.[\w.]+[ \t]*(?:#.*)?\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Move:
    """A name that moved, and its position in the text."""

    position: int
    old: str
    new: str


@dataclass(frozen=True)
class Edit:
    """A replacement of a part of a text."""

    start: int
    end: int
    text: str


@dataclass
class Found:
    """The moved names in a text, and the edits that rename them."""

    moves: list[Move] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    def add(self, start: int, end: int, text: str, *moves: Move) -> None:
        """Add an edit, and the names that it renames."""
        self.edits.append(Edit(start, end, text))
        self.moves.extend(moves)

    def applied(self, text: str) -> str:
        """Return the text after the edits."""
        for edit in sorted(self.edits, key=lambda edit: edit.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text


@dataclass
class _Entry:
    """An imported name in a statement, its comments, and its current module."""

    start: int
    end: int
    text: str
    module: str
    move: Move | None
    above: list[str]
    beside: str = ""


def find(text: str, names: Names) -> Found:
    """Return the moved names in a text."""
    found = Found()
    statements = [*FROM_IMPORT.finditer(text)]
    for statement in statements:
        _find_in_statement(text, statement, names, found)
    spans = [statement.span() for statement in statements]
    imports = [each.span() for each in IMPORT.finditer(text)]
    imports_app = IMPORTS_APP.search(text) is not None
    for dotted in DOTTED.finditer(text):
        start, end, old = *dotted.span(), dotted[0]
        if _is_in(start, spans):
            continue
        is_module = imports_app or BEFORE_MODULE.search(text, max(0, start - 20), start)
        if old in PACKAGES and _is_in(start, imports):
            new = names.new_module(old)
        else:
            new = names.new_name(old, is_module=bool(is_module))
        if new:
            found.add(start, end, new, Move(start, old, new))
    found.moves.sort(key=lambda move: move.position)
    return found


def _is_in(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _find_in_statement(text: str, statement: re.Match[str], names: Names, found: Found) -> None:
    """Find the moved names in a statement; split it if its names are now in several modules."""
    entries = [*_entries(statement, names)]
    moves = [entry.move for entry in entries if entry.move]
    if not moves:
        return
    if len({entry.module for entry in entries}) > 1:
        found.add(*statement.span(), _split(text, statement, entries), *moves)
        return
    start, end = statement.span("module")
    old, new = names.absolute(statement["module"]), entries[0].module
    if new == names.new_module(old):
        moves = [Move(start, old, new)]
    found.add(start, end, new, *moves)
    for entry in entries:
        found.add(entry.start, entry.end, entry.text)


def _entries(statement: re.Match[str], names: Names) -> Iterator[_Entry]:
    """Yield each name; a comment belongs to the name before it in its line, or to the next one."""
    offset = statement.start("listed")
    above: list[str] = []
    entry: _Entry | None = None
    is_same_line = False
    for part in PART.finditer(statement["listed"]):
        if part["line"]:
            is_same_line = False
        elif part["comment"]:
            if entry and is_same_line:
                entry.beside = part["comment"]
            else:
                above.append(part["comment"])
        else:
            if entry:
                yield entry
            entry = _entry(statement["module"], part, offset, names)
            entry.above, above, is_same_line = above, [], True
    if entry:
        entry.above += above
        yield entry


def _entry(module: str, part: re.Match[str], offset: int, names: Names) -> _Entry:
    start, end = offset + part.start(), offset + part.end()
    name, local = part["name"], part["local"] or part["name"]
    origin = names.new_origin(module, name)
    if origin is None:
        return _Entry(start, end, part[0], module, None, [])
    new_module, new_name = origin
    old = f"{names.absolute(module)}.{name}"
    move = Move(start, old, f"{new_module}.{new_name}")
    if new_name == name:
        text = part[0]
    else:
        text = new_name if new_name == local else f"{new_name} as {local}"
    return _Entry(start, end, text, new_module, move, [])


def _split(text: str, statement: re.Match[str], entries: list[_Entry]) -> str:
    """Return one statement for each module; `poe format` sorts the statements later."""
    line_start = text.rfind("\n", 0, statement.start()) + 1
    before = text[line_start : statement.start()]
    is_alone = not before.strip(" \t")
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = before if is_alone else before[: len(before) - len(before.lstrip())]
    groups: dict[str, list[_Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.module, []).append(entry)
    is_long = statement["listed"].startswith("(")
    statements = [
        f"from {module} import {_listed(group, indent, newline) if is_long else _joined(group)}"
        for module, group in groups.items()
    ]
    return (newline + indent if is_alone else "; ").join(statements)


def _joined(entries: list[_Entry]) -> str:
    return ", ".join(entry.text for entry in entries)


def _listed(entries: list[_Entry], indent: str, newline: str) -> str:
    """Return the names in parentheses, each with its comments."""
    lines = []
    for entry in entries:
        lines += [f"{indent}    {comment}" for comment in entry.above]
        lines.append(f"{indent}    {entry.text},{f'  {entry.beside}' if entry.beside else ''}")
    return newline.join(["(", *lines, f"{indent})"])
