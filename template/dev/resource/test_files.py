"""Chooses the tests of a resource, and writes them with their access table."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dev.resource.known import Target
from dev.resource.recipe import Resource
from dev.resource.test_subjects import Subject, subjects_of

Render = Callable[[str, Mapping[str, Any]], str]
SUBJECTS = {"group", "pair", "ref"}
# The parts of each file, with the features that a resource needs for them. Parts for each unique
# group, pair or ref have its features, too.
ONE = {
    "create": "create",
    "defaults": "create omitted",
    "required": "create required",
    "accepted_create": "create accepted",
    "accepted_update": "update accepted changes",
    "refused": "writes",
    "immutable": "update immutable",
    "update": "update changes",
    "delete": "delete",
    "bad_id": "path",
}
CONFLICTS = {
    "strangers": "path owned",
    "preconditions": "path versioned",
    "idempotency": "create",
    "unique": "create group",
    "unique_others": "create owned group",
    "unique_parts": "create group parts",
    "unique_update": "update group changeable",
    "before": "create pair inputs",
    "before_update": "update pair changeable",
    "ref_create": "create ref inputs",
    "ref_update": "update ref changeable",
    "on_delete_restrict": "ref restrict",
    "on_delete_cascade": "ref cascade",
    "on_delete_null": "ref null",
    "referred_account": "ref account",
    "checks": "broken",
    "referred": "delete",
    "account": "owned",
}
LISTS = {
    "queries": "list",
    "refused": "list",
    "cursors": "list",
    "strangers": "list owned",
    "members": "list read",
    "references": "list refs",
}
RACES = {
    "idempotency": "create",
    "unique": "create group",
    "versions": "update versioned changes",
    "deleted": "locks",
    "refs": "ref sent",
    "administrator": "administrators",
}
# The name of each test module, the folder of its parts, and the parts.
FILES = {
    "{plural}": ("one", ONE),
    "{name}_conflicts": ("conflicts", CONFLICTS),
    "{name}_lists": ("lists", LISTS),
    "{name}_races": ("races", RACES),
}


def write_tests(
    resource: Resource, targets: Mapping[str, Target], render: Render
) -> dict[str, str]:
    """Return the source of the access table and of each test module, by path.

    The modules import all names that tests use, so that ruff only has to remove some.
    """
    subjects = [*subjects_of(resource, targets)]
    table = render("tests/access/table.py.j2", subjects[0].context)
    sources = {f"tests/access/{resource.plural}.py": table}
    for file, (folder, parts) in FILES.items():
        if chosen := [*_chosen(parts, subjects)]:
            name = file.format(name=resource.name, plural=resource.plural)
            sources[f"tests/resources/test_{name}.py"] = "\n\n".join(
                render(f"tests/{folder}/{part}.py.j2", subject.context)
                for part, subject in [("head", subjects[0]), *chosen]
            )
    return sources


def _chosen(parts: Mapping[str, str], subjects: list[Subject]) -> Iterator[tuple[str, Subject]]:
    """Yield the parts whose features a subject has, and that are about such a subject."""
    for part, words in parts.items():
        for each in subjects:
            if each.has(words) and {*words.split()} & SUBJECTS == {each.kind} & SUBJECTS:
                yield part, each
