"""Whoever follows the how-tos on versions, keys and the request ends with notes that have them."""

import ast
import re
from pathlib import Path

import pytest

from conftest import Install, Service
from test_tutorial import add_the_resource, insert
from variants import ROOT

STACK = "pyjwt-pwdlib"
HOW_TOS = ("change-without-losing-updates", "make-a-post-repeatable", "know-the-request")
ACCESS = """\
    "PUT /api/v1/notes/{note_id}": (401, 404, 200, 404),
    "POST /api/v1/notes/{note_id}/printing": (401, 404, 202, 404),
"""
REVISION = "alembic revision --autogenerate -m notes"
BODY = '    "PUT /api/v1/notes/{note_id}": {"json": {"text": "Buy tea"}},\n'

# The worker that tests this stack has its environment installed.
pytestmark = pytest.mark.xdist_group(STACK)


def test_notes_that_follow_the_how_tos_have_what_these_promise(install: Install) -> None:
    service = install(auth_stack=STACK)
    add_the_resource(service.folder)
    model = service.folder / "src/app/models/note.py"
    model.write_text(re.sub(r"\bRow\b", "VersionedRow", model.read_text()))
    for how_to in HOW_TOS:
        follow(ROOT / f"docs/how-to/{how_to}.md", service.folder)
    access = service.folder / "tests/access/notes.py"
    insert(access, "ACCESS = {\n", ACCESS, after=True)
    insert(access, "BODIES = {\n", BODY, after=True)

    said = check(service)

    assert re.search(r"\b(\d+) passed", said)
    assert "failed" not in said


def check(service: Service) -> str:
    """Write the revision, and run the service's checks on what was added; return what tests say."""
    service.run("poe", "format")
    service.run("python", "-m", "dev", "sh", "-ec", f"app migrate; {REVISION}")
    service.run("poe", "lint")
    service.run("poe", "types")
    new = [f"tests/api/test_{name}.py" for name in ("note_versions", "note_keys", "printed_notes")]
    return service.run("pytest", "-q", *new, "tests/api/test_access.py", "tests/test_migrations.py")


def follow(how_to: Path, project: Path) -> None:
    """Put each block of a how-to into the file that is named before it."""
    named = re.findall(
        r"`([\w/]+\.py)`:\n\n```python\n(.*?)^```$", how_to.read_text("utf-8"), re.M | re.S
    )
    assert len(named) > 1
    for path, block in named:
        put(project / path, block)


def put(path: Path, block: str) -> None:
    """Write a new file; in one that is there replace what has the same name, and add the rest."""
    if not path.exists():
        path.write_text(block)
        return
    names = {name for name, _, _ in definitions(block)}
    lines = path.read_text().splitlines()
    for name, first, last in reversed(definitions("\n".join(lines))):
        if name in names:
            del lines[first - 1 : last]
    imports = [line for line in block.splitlines() if re.match(r"(from|import) ", line)]
    rest = [line for line in block.splitlines() if line not in imports]
    path.write_text("\n".join([lines[0], *imports, *lines[1:], "\n", *rest, ""]))


def definitions(text: str) -> list[tuple[str, int, int]]:
    """Return the functions and classes of a module, with their first and last lines."""
    return [
        (node.name, min([node, *node.decorator_list], key=by_line).lineno, node.end_lineno or 0)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]


def by_line(node: ast.stmt | ast.expr) -> int:
    """Return where a node begins."""
    return node.lineno
