"""The faults of `resource_faults.toml`, and how to plant them in generated resources."""

import tomllib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.support.planting import FIXTURES, Edit, planted

PLACES = {
    "model": "src/app/models/{name}.py",
    "schema": "src/app/schemas/{name}.py",
    "service": "src/app/services/{name}.py",
    "endpoints": "src/app/api/v1/endpoints/{name}s.py",
    "access": "tests/access/{name}s.py",
    "migration": "migrations/versions/*_add_*.py",
}
# The files of tests that may find a fault, by the word in `by` of `resource_edits.toml`.
TESTS = {
    "single": "tests/resources/test_{name}s.py",
    "conflicts": "tests/resources/test_{name}_conflicts.py",
    "relations": "tests/resources/test_{name}_relations.py",
    "lists": "tests/resources/test_{name}_lists.py",
    "races": "tests/resources/test_{name}_races.py",
    "access": "tests/access/test_access.py",
    "orders": "tests/resources/test_order_indexes.py",
    "idempotency": "tests/api/test_idempotency.py",
    "preconditions": "tests/api/test_preconditions.py",
}
# The tests in these files that concern a resource: of each file of its own, and of each operation.
CONCERNED = "{name} or access_tables or test_idempotency or test_preconditions"


@dataclass(frozen=True)
class Fault:
    """A fault of a resource: what a user sees, and the edits that plant it."""

    id: str
    name: str  # of the resource
    wrong: str
    by: str
    edits: Sequence[Edit]

    def planted(self, project: Path) -> AbstractContextManager[None]:
        """Plant the fault in a project, and remove it at the end."""
        return planted(project, self.edits)


def read_recipes() -> dict[str, str]:
    """Return the arguments of `poe resource` for each resource, in the order of their refs."""
    recipes: dict[str, str] = _read("resource_faults")["recipes"]
    return recipes


def read_faults() -> list[Fault]:
    """Return all faults; raise `KeyError` for a fault without edits."""
    edits = _read("resource_edits")
    return [
        Fault(
            each["id"],
            each["recipe"],
            each["wrong"],
            edits[each["id"]]["by"],
            [_edit(each["recipe"], *edit) for edit in edits[each["id"]]["edits"]],
        )
        for each in _read("resource_faults")["fault"]
    ]


def arguments(name: str, by: str = "single") -> list[str]:
    """Return the arguments of pytest for the tests of a resource, those of `by` first."""
    files = [TESTS[by], *(path for key, path in TESTS.items() if key != by)]
    concerned = ("-k", CONCERNED.format(name=name))
    # Plain assertions: pytest cannot rewrite modules that the process has imported.
    options = ("-x", "-q", "--tb=short", "--assert=plain", "-p", "no:cacheprovider")
    return [*options, *concerned, *(path.format(name=name) for path in files)]


def _edit(name: str, place: str, old: str, new: str) -> Edit:
    return Edit(PLACES.get(place, place).format(name=name), old, new)


def _read(name: str) -> dict:  # type: ignore[type-arg]
    return tomllib.loads((FIXTURES / f"{name}.toml").read_text("utf-8"))
