"""The faults of `resource_faults.toml`, and how to plant them in generated resources."""

import os
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures"
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
class Edit:
    """Replaces a text that a file contains exactly once."""

    file: str
    old: str
    new: str

    @contextmanager
    def made(self, project: Path, name: str) -> Iterator[None]:
        """Make the edit in a project, and undo it at the end."""
        [path] = project.glob(PLACES.get(self.file, self.file).format(name=name))
        text, times = path.read_text("utf-8"), path.stat()
        assert text.count(self.old) == 1, f"{path} has not exactly one {self.old!r}"
        path.write_text(text.replace(self.old, self.new), "utf-8")
        try:
            yield
        finally:
            path.write_text(text, "utf-8")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as in compiled files


@dataclass(frozen=True)
class Fault:
    """A fault of a resource: what a user sees, and the edits that plant it."""

    id: str
    name: str  # of the resource
    wrong: str
    by: str
    edits: Sequence[Edit]

    @contextmanager
    def planted(self, project: Path) -> Iterator[None]:
        """Plant the fault in a project, and remove it at the end."""
        with ExitStack() as stack:
            for edit in self.edits:
                stack.enter_context(edit.made(project, self.name))
            yield


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
            [Edit(*edit) for edit in edits[each["id"]]["edits"]],
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


def _read(name: str) -> dict:  # type: ignore[type-arg]
    return tomllib.loads((FIXTURES / f"{name}.toml").read_text("utf-8"))
