"""The output of the command: files, differences, URLs, and the edits that people make next."""

import difflib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from dev.resource.recipe import Resource
from dev.resource.steps import Draft
from dev.upgrade.terminal import say

SERVICE = "http://127.0.0.1:8000"
METHODS = {"list": "GET", "create": "POST", "read": "GET", "update": "PATCH", "delete": "DELETE"}
NEXT = """\
Next:
  - Add the rules that no type can express to {services}.
  - Describe the {nouns} for clients in the docstrings and examples of {schemas}.
  - Read the revision, run `uv run poe check`, and commit everything.\
"""


def urls(resource: Resource) -> list[str]:
    """Return the method and the URL of each operation of a resource."""
    collection = f"{SERVICE}/api/v1{resource.url}"
    one = f"{collection}/{{{resource.name}_id}}"
    return [
        f"{method} {collection if name in {'list', 'create'} else one}"
        for name, method in METHODS.items()
        if name in resource.operations
    ]


def show_preview(draft: Draft) -> None:
    """Print the new files as a tree, and the differences of the existing files."""
    say("New files, beside a revision in migrations/versions:\n")
    say("\n".join(_tree(draft.new)) + "\n")
    for difference in differences(draft).values():
        say(difference)


def show_summary(draft: Draft, resources: Sequence[Resource]) -> None:
    """Print the lines that each file has gained, the URLs, and what people edit next."""
    added = {path: _added_lines(draft, path) for path in sorted(draft.changes)}
    width = max(map(len, added))
    say("\n" + "\n".join(f" {path:<{width}} | {lines:>3} +" for path, lines in added.items()))
    say(f" {len(draft.new)} new files, {len(added) - len(draft.new)} changed\n")
    say("Served by `uv run poe dev`:\n")
    say("".join(f"  {url}\n" for resource in resources for url in urls(resource)))
    say(
        NEXT.format(
            services=", ".join(f"src/app/services/{each.name}.py" for each in resources),
            schemas=", ".join(f"src/app/schemas/{each.name}.py" for each in resources),
            nouns=", ".join(each.nouns for each in resources),
        )
    )


def as_json(draft: Draft, resources: Sequence[Resource], steps: Mapping[str, float]) -> str:
    """Return the result of the command for programs."""
    result: dict[str, Any] = {
        "files": {path: (draft.folder / path).read_text("utf-8") for path in draft.new},
        "diffs": differences(draft),
        "urls": [url for resource in resources for url in urls(resource)],
        "steps": steps,
    }
    return json.dumps(result, indent=2)


def differences(draft: Draft) -> dict[str, str]:
    """Return the unified diff of each changed file."""
    return {
        path: "".join(
            f"{line}\n"
            for line in difflib.unified_diff(
                _lines(before),
                _lines((draft.folder / path).read_bytes()),
                f"a/{path}",
                f"b/{path}",
                lineterm="",
            )
        )
        for path, before in sorted(draft.changes.items())
        if before is not None
    }


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()


def _added_lines(draft: Draft, path: str) -> int:
    before = draft.changes[path] or b""
    return len((draft.folder / path).read_bytes().splitlines()) - len(before.splitlines())


def _tree(paths: Sequence[str]) -> Iterator[str]:
    """Yield a line for each folder, and below it indented ones for its files."""
    for folder, files in groupby(
        map(Path, sorted(paths, key=os.path.split)), lambda path: path.parent
    ):
        yield f"  {folder}/"
        yield from (f"      {file.name}" for file in files)
