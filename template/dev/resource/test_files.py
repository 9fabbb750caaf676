"""Chooses the tests of a resource, and writes them with their access table."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dev.resource.known import Target
from dev.resource.recipe import Resource
from dev.resource.test_subjects import Subject, subjects_of

Render = Callable[[str, Mapping[str, Any]], str]
SUBJECTS = {"pair", "targets", "account"}
# The parts of each file, with the features that a resource needs for them. Parts for each pair and
# for refs have their features, too.
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
    "checks": "broken",
    "referred": "delete",
    "account": "owned",
}
RELATIONS = {
    "unique": "create unique",
    "unique_update": "update unique_changes",
    "before": "create pair inputs",
    "before_update": "update pair changeable",
    "refs": "targets",
    "on_delete_restrict": "restricting",
    "on_delete": "dependent",
    "referred_account": "account",
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
    "unique": "create unique",
    "versions": "update versioned changes",
    "deleted": "locks",
    "refs": "targets",
    "administrator": "administrators",
}
# The name of each test module, the folder of its parts, and the parts.
FILES = {
    "{plural}": ("one", ONE),
    "{name}_conflicts": ("conflicts", CONFLICTS),
    "{name}_relations": ("relations", RELATIONS),
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
