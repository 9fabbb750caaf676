"""Resolves conflicts in lists of imports and calls, if the owner only added to the list."""

import ast
import re

from dev.upgrade.git import Git
from dev.upgrade.worktree import Worktree

LISTS = ("src/app/api/v1/router.py", "src/app/models/__init__.py")
IMPORTS = ("from ", "import ")
EXPORTS = re.compile(r"^__all__\b", re.MULTILINE)


def merge_list(worktree: Worktree, path: str) -> bool:
    """Try to add the owner's lines to a list with conflicts; return whether this succeeded."""
    git = Git(worktree.root)
    texts = [git.text("", f"{stage}:{path}") or "" for stage in (1, 2, 3)]
    merged = with_additions(*texts) if path.endswith(LISTS) else None
    if merged is None:
        return False
    (worktree.root / path).write_text(merged, "utf-8")
    git("add", "--", path)
    return True


def with_additions(base: str, own: str, new: str) -> str | None:
    """Return the new list with the imports and calls that the owner added.

    Return `None` if a text is not valid Python, or the owner changed, moved or removed a statement.
    Ignore lists of exported names if the new text has no such list: an import is enough there.
    """
    try:
        before, after, target = (_statements(f"{text.rstrip()}\n") for text in (base, own, new))
    except SyntaxError:
        return None
    if not any(map(EXPORTS.search, target)):
        before, after = (
            [text for text in each if not EXPORTS.search(text)] for each in (before, after)
        )
    added = [text for text in after if text not in before]
    imports = [text for text in added if text.startswith(IMPORTS)]
    calls = [text for text in added if not text.startswith(IMPORTS)]
    # The position of an added import does not matter, but added calls must follow the old list.
    if [text for text in after if text not in imports] != before + calls:
        return None
    for text in imports:
        new = _with_import(new, text)
    return new + "".join(calls)


def _statements(text: str) -> list[str]:
    """Return the statements, each with the comments above it."""
    lines, end, statements = text.splitlines(keepends=True), 0, []
    for node in ast.parse(text).body:
        statements.append("".join(lines[end : node.end_lineno]).lstrip("\n"))
        end = node.end_lineno or end
    return [*statements, *filter(str.strip, ["".join(lines[end:])])]


def _with_import(text: str, statement: str) -> str:
    """Insert an import before the first from `app` that sorts after it, else after all imports."""
    there = [each for each in _statements(text) if each.startswith(IMPORTS)]
    own = [each for each in there if each.startswith("from app.")]
    below = next((each for each in own if each > statement), None)
    if below:
        return text.replace(below, statement + below, 1)
    return text.replace(there[-1], there[-1] + statement, 1)
