"""Any resources pass the checks and the tests of their project: 200 random ones, ten in each.

Without PROVE=all, which `nox -s proofs` sets, half of the projects are tested. The last commit
decides which half, so that all workers choose the same, and the next commit may choose the other.
"""

import os
import shutil
from itertools import chain, combinations
from pathlib import Path

import pytest

from dev.resource.grammar import COMMON
from dev.resource.kinds import KINDS
from dev.resource.known import files_of
from dev.resource.recipe import OPERATIONS, Field, Resource
from tests.support.function_lengths import LONGEST, function_lengths
from tests.support.how_to_steps import insert
from tests.support.prose import read
from tests.support.random_projects import PAIRS, PROJECTS, project, recipes
from tests.support.services import Install, Service
from tests.support.updates.releases import git
from tests.support.variants import DEFAULT
from tests.test_prose import faults

# The limit of 200 lines is for ordinary resources, which have fewer fields, refs and unique groups.
MOST_LINES = 210
DEPOT = '''\
"""The table of depots."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db.base import Base


class Depot(Base):
    """A depot."""

    __tablename__ = "depots"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    opened_on: Mapped[date]
    is_open: Mapped[bool]
'''
# The tests of all operations and indexes, beside those that the command runs.
TESTS = (
    *("tests/test_openapi.py", "tests/test_openapi_examples.py", "tests/test_api_description.py"),
    "tests/resources/test_order_indexes.py",
)


# In `nox -s tests`, one pytest worker runs all tests of the environment that it shares.
FIRST = (pytest.mark.services, pytest.mark.xdist_group(str(DEFAULT["auth_stack"])))
HALF = 1 + int(git("rev-parse", "HEAD"), 16) % 2
OTHERS = range(1, PROJECTS) if os.environ.get("PROVE") == "all" else range(HALF, PROJECTS, 2)


@pytest.fixture(scope="module")
def base(install: Install) -> Service:
    """Return a service with a model written by hand, to which resources refer."""
    service = install()
    (service.folder / "src/app/models/depot.py").write_text(DEPOT)
    models = service.folder / "src/app/models/__init__.py"
    insert(models, "from app.models.item", "from app.models.depot import Depot\n")
    service.run("poe", "migration", "add depots")
    return service


@pytest.mark.parametrize("number", [pytest.param(0, marks=FIRST), *OTHERS])
def test_random_resources_pass_all_checks_and_tests(
    base: Service, tmp_path: Path, number: int
) -> None:
    service = Service(tmp_path / "project", base.environment)
    shutil.copytree(base.folder, service.folder, ignore=shutil.ignore_patterns(".data"))
    (service.folder / "all.toml").write_text(recipes(number), "utf-8")

    service.run("poe", "resource", "--from", "all.toml")

    service.run("poe", "lint")
    service.run("poe", "types")
    service.run("pytest", "-q", *TESTS)
    for resource in project(number):
        check_files(service.folder, resource)


def check_files(folder: Path, resource: Resource) -> None:
    """Check the prose and the lengths of the files of a resource."""
    for path in filter(lambda path: (folder / path).exists(), sorted(files_of(resource))):
        text = (folder / path).read_text("utf-8")
        prose = [each for each in read(path, text) if each.kind != "message" or "src/" in path]

        assert [each.text for each in prose if faults(each)] == [], path
        assert max(function_lengths(text), default=0) <= LONGEST, path
        assert len(text.splitlines()) <= MOST_LINES, path


def modifiers(field: Field) -> set[str]:
    """Return the modifiers that a field has."""
    flags = ("optional", "index", "immutable", "readonly", "unique")
    found = {*field.bounds, *(name for name in flags if getattr(field, name))}
    found |= {"default"} if field.default is not None else set()
    return found | ({"on-delete"} if field.on_delete != "restrict" else set())


def test_the_random_resources_contain_each_pair_of_types_and_each_modifier() -> None:
    found = [*chain.from_iterable(project(number) for number in range(PROJECTS))]
    fields = [field for resource in found for field in resource.fields]

    pairs = {
        frozenset(each.kind for each in pair)
        for resource in found
        for pair in combinations(resource.fields, 2)
    }
    assert {frozenset(pair) for pair in PAIRS} <= pairs
    with_modifiers = {(name, each) for name in KINDS for each in KINDS[name].modifiers | COMMON}
    assert with_modifiers == {(field.kind, each) for field in fields for each in modifiers(field)}


def test_the_random_resources_contain_each_feature() -> None:
    found = [*chain.from_iterable(project(number) for number in range(PROJECTS))]

    for access in ("owner", "shared", "admin"):
        assert sum(each.access == access for each in found) > 30, access
    for operation in OPERATIONS:
        assert sum(operation not in each.operations for each in found) > 10
    for flag in ("search", "sort", "filter", "unique", "before", "refs", "versioned"):
        assert sum(bool(getattr(each, flag)) for each in found) > 10, flag
    targets = [(each.name, ref.arguments[0]) for each in found for ref in each.refs]
    assert sum(name == target for name, target in targets) > 5
    assert {"depot", "user"} < {target for _, target in targets}
