"""The output of the command: files, differences, URLs, and the edits that people make next."""

import difflib
import json
from collections.abc import Mapping, Sequence

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


def show_files(draft: Draft, resources: Sequence[Resource]) -> None:
    """Print the plural of each resource, and the number of lines that each file gains."""
    say("".join(f"\nThe plural of {each.name} is {each.plural}." for each in resources))
    added = {path: _added_lines(draft, path) for path in sorted(draft.changes)}
    width = max(map(len, added))
    say("\n" + "\n".join(f" {path:<{width}} | {lines:>3} +" for path, lines in added.items()))
    say(f" {len(draft.new)} new files, {len(added) - len(draft.new)} changed\n")


def show_next(resources: Sequence[Resource]) -> None:
    """Print the URLs, and what people edit next."""
    say("Served by `uv run poe dev`:\n")
    say("".join(f"  {url}\n" for resource in resources for url in urls(resource)))
    say(
        NEXT.format(
            services=", ".join(f"src/app/services/{each.name}.py" for each in resources),
            schemas=", ".join(f"src/app/schemas/{each.name}.py" for each in resources),
            nouns=", ".join(each.nouns for each in resources),
        )
    )


def as_json(draft: Draft, resources: Sequence[Resource], seconds: Mapping[str, float]) -> str:
    """Return the result of the command for programs."""
    result = {
        "files": {path: (draft.folder / path).read_text("utf-8") for path in draft.new},
        "diffs": differences(draft),
        "urls": [url for resource in resources for url in urls(resource)],
        "seconds": seconds,
    }
    return json.dumps(result, indent=2)


def differences(draft: Draft) -> dict[str, str]:
    """Return the unified diff of each changed file."""
    changed = {path: before for path, before in sorted(draft.changes.items()) if before is not None}
    return {path: _difference(draft, path, before) for path, before in changed.items()}


def _difference(draft: Draft, path: str, before: bytes) -> str:
    old, new = (
        content.decode("utf-8", "replace").splitlines()
        for content in (before, (draft.folder / path).read_bytes())
    )
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _added_lines(draft: Draft, path: str) -> int:
    before = draft.changes[path] or b""
    return len((draft.folder / path).read_bytes().splitlines()) - len(before.splitlines())
