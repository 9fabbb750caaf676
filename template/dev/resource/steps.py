"""The steps that write resources: each works in a scratch copy of the project."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dev.resource import recipe_file
from dev.resource.emit import emit
from dev.resource.insertion import is_harmless
from dev.resource.names import spaced
from dev.resource.programs import Programs, StepError
from dev.resource.recipe import Resource
from dev.resource.registries import entries, register
from dev.resource.rules import Target
from dev.upgrade.answers import FILE as ANSWERS
from dev.upgrade.answers import Answers

RECIPES = "resources.toml"
REVISIONS = "migrations/versions"
UNCHANGED = "Nothing was written."
NOT_MIGRATED = "The files are written, but not the tables: run `uv run poe migrate`."
SHARED_TESTS = ("tests/access/test_access.py", "tests/test_migrations.py")


@dataclass
class Draft:
    """The new files and the changed files in a scratch copy, with the former content of each."""

    folder: Path
    changes: dict[str, bytes | None] = field(default_factory=dict)

    @property
    def new(self) -> list[str]:
        """The paths of the new files."""
        return [path for path, before in self.changes.items() if before is None]

    def add(self, path: str, content: bytes) -> None:
        """Write a new file; raise `StepError` if it exists."""
        if (self.folder / path).exists():
            raise StepError(f"{path} exists. {UNCHANGED}")
        self.write(path, content)

    def write(self, path: str, content: bytes) -> None:
        """Write or replace a file."""
        file = self.folder / path
        self.changes.setdefault(path, file.read_bytes() if file.exists() else None)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def write_code(
    draft: Draft, resources: Sequence[Resource], targets: Mapping[str, Target], run: Programs
) -> None:
    """Write and format all files but the revision; raise `UnknownShapeError` for a registry."""
    for resource in resources:
        for path, text in emit(resource, targets).items():
            draft.add(path, text.encode())
    modules = [path for path in draft.new if path.endswith(".py")]
    failure = f"ruff could not format the code. {UNCHANGED}"
    for command in (["check", "--fix", "--exit-zero"], ["format"]):
        run(sys.executable, "-m", "ruff", *command, "--quiet", *modules, failure=failure)
    for resource in resources:
        _register(draft, resource, run)
    _record(draft, resources)


def _register(draft: Draft, resource: Resource, run: Programs) -> None:
    """Add a resource to the registries, in the order of imports that they have."""
    for entry in entries(resource):
        file = draft.folder / entry.path
        before = file.read_bytes() if file.exists() else b""
        new, added = register(before, entry)
        if added:
            draft.write(entry.path, new)
            _sort_imports(file, before, added, run)


def _sort_imports(file: Path, before: bytes, added: list[str], run: Programs) -> None:
    """Sort the imports of a registry with ruff, if only the added import moves."""
    new = file.read_bytes()
    arguments = ("ruff", "check", "--select=I", "--fix", "--exit-zero", "--quiet", str(file))
    run(sys.executable, "-m", *arguments, failure=f"ruff could not sort imports. {UNCHANGED}")
    if not is_harmless(before, file.read_bytes(), added):
        file.write_bytes(new)


def _record(draft: Draft, resources: Sequence[Resource]) -> None:
    """Append the recipes of the resources to the file of recipes."""
    file, answers = draft.folder / RECIPES, draft.folder / ANSWERS
    text = file.read_bytes().decode() if file.exists() else ""
    recorded = Answers.parse(answers.read_text("utf-8", "replace")) if answers.exists() else None
    for resource in resources:
        text = recipe_file.append(text, resource, (recorded and recorded.commit) or "")
    draft.write(RECIPES, text.encode())


def write_revision(draft: Draft, resources: Sequence[Resource], run: Programs) -> None:
    """Write the revision that creates the tables, from the models and the database."""
    folder = draft.folder / REVISIONS
    before = {*folder.iterdir()}
    message = f"add {', '.join(spaced(each.plural) for each in resources)}"
    tables = [each.plural for each in resources]
    command = [sys.executable, "-m", "dev.resource.revision", message, *tables]
    run(*command, failure=f"The revision could not be written. {UNCHANGED}")
    for file in {*folder.glob("*.py")} - before:
        draft.changes[f"{REVISIONS}/{file.name}"] = None


def run_tests(draft: Draft, run: Programs) -> None:
    """Run the tests of the new resources and those of all operations and migrations."""
    files = [path for path in draft.new if Path(path).name.startswith("test_")]
    options = ("-q", "-p", "no:cacheprovider", "--numprocesses=0")
    command = [sys.executable, "-m", "pytest", *options, *files, *SHARED_TESTS]
    run(*command, failure=f"The tests failed. {UNCHANGED}")


def place(draft: Draft, project: Path, run: Programs) -> None:
    """Move all files into the project, also if this process is killed during it."""
    changes = {
        path: None if before is None else before.hex() for path, before in draft.changes.items()
    }
    plan = {"finished": str(draft.folder), "project": str(project), "changes": changes}
    command = [sys.executable, "-m", "dev.resource.placing"]
    run(*command, failure=UNCHANGED, sent=json.dumps(plan))


def migrate(run: Programs) -> None:
    """Migrate the development database to the new revision."""
    run(sys.executable, "-m", "dev.resource.revision", failure=NOT_MIGRATED)
