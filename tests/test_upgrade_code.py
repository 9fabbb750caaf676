"""The code of an upgrade runs from a clone of the template, in the environment of any project."""

import ast
import sys
from pathlib import Path

import pytest

from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

# The upgrade runs this one in the environment of the new version.
ELSEWHERE = {ROOT / "upgrade/revise.py"}
OWN = {"dev", "upgrade"}
CODE = sorted({*ROOT.glob("upgrade/*.py"), *ROOT.glob("template/dev/upgrade/*.py")} - ELSEWHERE)


def imported(file: Path) -> set[str]:
    """Return the top-level packages that a module imports."""
    nodes = [*ast.walk(ast.parse(file.read_text("utf-8")))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_upgrade_code_needs_only_the_standard_library(file: Path) -> None:
    assert imported(file) <= sys.stdlib_module_names | OWN


def test_the_development_code_contains_no_tags() -> None:
    assert [*ROOT.glob("template/dev/**/*.jinja")] == []
