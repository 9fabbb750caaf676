"""Git repositories with an `openapi.json`."""

import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

from dev.contract.description import FILE, as_text
from tests.support.api_schemas import document

ITEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "price": {"type": "number", "title": "Price"},
        "title": {"type": "string", "title": "Title", "default": {"title": "a"}},
    },
}
BASE = document({"type": "boolean"}, ITEM, {})
REMOVED = "POST /items: response member price removed"


def without_price() -> dict[str, Any]:
    item = deepcopy(ITEM)
    del item["properties"]["price"]
    return document({"type": "boolean"}, item, {})


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, text: str | None = None) -> None:
    """Commit a text as `openapi.json`; make the repository first if there is none."""
    if not (folder / ".git").exists():
        git(folder, "init")
    (folder / FILE).write_text(as_text(BASE) if text is None else text)
    git(folder, "add", "--all")
    git(folder, "commit", "--allow-empty", "--message", "Change the API")
