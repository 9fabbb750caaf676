"""Follows the how-tos that change the resource of another how-to."""

import ast
import re
from pathlib import Path

from tests.support.documented_commands import HOW_TOS, blocks
from tests.support.variants import ROOT

ORDERS = f"{HOW_TOS}/order-by-an-optional-column.md"
OF_NOTES = (
    "change-without-losing-updates",
    "make-a-post-repeatable",
    "know-the-request",
    "list-a-resource",
    "order-by-an-optional-column",
    "deprecate-a-route",
)
# Rows that the how-tos describe in words: the permissions of the new operations.
ACCESS = """\
    "GET /api/v1/notes": Access(stranger=200),
    "GET /api/v1/notes/{note_id}/text": Access(owner=200),
    "PATCH /api/v1/notes/{note_id}": Access(owner=200, send={"json": {"text": "Buy tea"}}),
    "POST /api/v1/notes/{note_id}/printing": Access(owner=202),
"""


def change_the_notes(project: Path) -> None:
    """Apply all changes of the how-tos to the notes."""
    model = project / "src/app/models/note.py"
    columns = [block for block in blocks(ORDERS, "python") if block.startswith("    ")]
    text = re.sub(r"\bRecord\b", "VersionedRecord", model.read_text())
    model.write_text("".join([text, *columns]))
    for name in OF_NOTES:
        follow(ROOT / f"{HOW_TOS}/{name}.md", project)
    insert(project / "tests/access/notes.py", "ACCESS = {\n", ACCESS, after=True)


def follow(how_to: Path, project: Path) -> None:
    """Put each block of a how-to into the file that the text before it names."""
    named = re.findall(
        r"`([\w/]+\.py)`:\n\n```python\n(?! )(.*?)^```$", how_to.read_text("utf-8"), re.M | re.S
    )
    assert len(named) > 1
    for path, block in named:
        put(project / path, block)


def extend(how_to: Path, project: Path) -> None:
    """Apply each block of code and each diff of a how-to, and delete the tests that it names."""
    text = how_to.read_text("utf-8")
    for path, language, block in re.findall(
        r"`([\w/]+\.py)`:\n\n```(python|diff)\n(.*?)^```$", text, re.M | re.S
    ):
        (change if language == "diff" else put)(project / path, block)
    for test, path in re.findall(r"delete `(test_\w+)` from\s+`([\w/]+\.py)`", text):
        code = (project / path).read_text()
        [(first, last)] = [place for name, *place in definitions(code) if name == test]
        lines = code.splitlines(keepends=True)
        (project / path).write_text("".join([*lines[: first - 1], *lines[last:]]))


def change(path: Path, diff: str) -> None:
    """Apply a diff, whose parts are separated by `@@`, to a file that has each part once."""
    text = path.read_text()
    for part in diff.split("@@\n"):
        lines = part.splitlines(keepends=True)
        old, new = ["".join(each[1:] for each in lines if each[0] != sign) for sign in "+-"]
        assert text.count(old) == 1, (path, old)
        text = text.replace(old, new)
    path.write_text(text)


def add_rows(document: str, table: Path) -> None:
    """Add the rows of a how-to to a permission table."""
    rows = [block for block in blocks(document, "python") if block.startswith('    "')]
    insert(table, "ACCESS = {\n", "".join(rows), after=True)


def put(path: Path, block: str) -> None:
    """Write a new file, or replace definitions by name in an existing one and add the rest."""
    if not path.exists():
        path.write_text(block)
        return
    lines, added, replaced = path.read_text().splitlines(), block.splitlines(), {}
    there = definitions(path.read_text())
    for name, first, last in reversed(definitions(block)):
        if name in {each for each, _, _ in there}:
            replaced[name], added[first - 1 : last] = added[first - 1 : last], []
    for name, first, last in reversed(there):
        lines[first - 1 : last] = replaced.get(name, lines[first - 1 : last])
    imports = [line for line in added if re.match(r"(from|import) ", line)]
    rest = [line for line in added if line not in imports]
    path.write_text("\n".join([lines[0], *imports, *lines[1:], "\n", *rest, ""]))


def definitions(text: str) -> list[tuple[str, int, int]]:
    """Return the functions and classes of a module, with their first and last lines."""
    return [
        (node.name, min([node, *node.decorator_list], key=by_line).lineno, node.end_lineno or 0)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]


def by_line(node: ast.stmt | ast.expr) -> int:
    """Return the line on which a node begins."""
    return node.lineno


def insert(path: Path, place: str, text: str, *, after: bool = False) -> None:
    """Insert a text before or after a place, which the file must contain exactly once."""
    old = path.read_text()
    assert old.count(place) == 1
    path.write_text(old.replace(place, place + text if after else text + place))
