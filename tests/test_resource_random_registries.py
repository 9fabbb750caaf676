"""Random registries of models and routers gain the lines of a resource, and nothing else."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings

from dev.resource.insertion import is_harmless
from dev.resource.programs import Programs
from dev.resource.recipe import Field, Resource
from dev.resource.registries import Entry, UnknownShapeError, entries, register
from dev.resource.steps import sort_imports
from tests.support.registries import (
    CALLS,
    INCLUSIONS,
    MODEL_IMPORTS,
    OTHERS,
    ROUTER_IMPORTS,
    ROUTERS,
    Thing,
    registries,
    run,
)

INVOICE = Resource(name="invoice", plural="invoices", fields=(Field(name="number", kind="str"),))
MODEL, ROUTER = entries(INVOICE)
EXAMPLES = settings(database=None, deadline=None, suppress_health_check=[*HealthCheck])


def names_of(source: bytes, package: str) -> Mapping[str, str]:
    """Return what the names of a module stand for."""
    return {
        name: value.name if isinstance(value, Thing) else repr(value)
        for name, value in run(source, package).items()
        if isinstance(value, Thing | list | int | str | None)
    }


def assert_unharmed(source: bytes, entry: Entry) -> bool:
    """Check that a registry has gained its lines and nothing else; return whether it has."""
    try:
        new, added = register(source, entry)
    except UnknownShapeError:
        return False
    rest = iter(new.splitlines())
    assert all(line in rest for line in source.splitlines())
    assert len(new.splitlines()) == len(source.splitlines()) + len(added)
    assert new.endswith(b"\n") == source.endswith(b"\n")
    assert (b"\r\n" in new) >= (b"\r\n" in source)
    assert new.count(b"\n") == new.count(b"\r\n") or b"\r\n" not in source
    before, after = names_of(source, entry.package), names_of(new, entry.package)
    assert {**before, entry.bound: f"{entry.module}.{entry.name}"} == after
    assert register(new, entry) == (new, [])
    return True


@seed(18)
@settings(EXAMPLES, max_examples=300)
@given(registries(MODEL_IMPORTS, OTHERS))
def test_a_random_registry_of_models_is_unharmed_or_refused(source: bytes) -> None:
    assert_unharmed(source, MODEL)


@seed(18)
@settings(EXAMPLES, max_examples=300)
@given(registries(ROUTER_IMPORTS, ROUTERS, INCLUSIONS))
def test_a_random_registry_of_routers_is_unharmed_or_refused(source: bytes) -> None:
    try:
        before = run(source, ROUTER.package)
    except NameError:  # an inclusion precedes the router
        return
    if assert_unharmed(source, ROUTER):
        after = run(register(source, ROUTER)[0], ROUTER.package)["api_router"].included
        after.remove(f"{ROUTER.module}.router")
        assert after == before["api_router"].included


def unsorted(file: Path, *options: str) -> str:
    """Return the complaints of ruff about the imports of a file."""
    command = [sys.executable, "-m", "ruff", "check", "--select=I", "--quiet", *options, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("entry", [MODEL, ROUTER], ids=["models", "routers"])
def test_sorted_imports_stay_sorted(entry: Entry, tmp_path: Path) -> None:
    file = tmp_path / "registry.py"
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.lint.isort]\nknown-first-party=["app"]')
    imports, end = (MODEL_IMPORTS, b"") if entry is MODEL else (ROUTER_IMPORTS, CALLS)
    reached = []

    @seed(18)
    @settings(EXAMPLES, max_examples=25)
    @given(registries(imports))
    def assert_sorted(source: bytes) -> None:
        file.write_bytes(source + end)
        unsorted(file, "--fix")
        before = file.read_bytes()
        with suppress(UnknownShapeError):
            new, added = register(before, entry)
            file.write_bytes(new)
            with (tmp_path / "lock").open("w") as lock:
                sort_imports(file, before, added, Programs(tmp_path, lock, os.environ))
            assert unsorted(file) == ""
            assert is_harmless(before, file.read_bytes(), added)
            reached.append(added)

    assert_sorted()
    assert len(reached) > 5
