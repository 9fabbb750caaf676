"""The development servers of a rendered project do what `tests/dev` says of them.

Those tests start and kill many processes, and their subject is the same in every project: so they
are kept here, and owners need not wait for them.
"""

import shutil

import pytest

from conftest import Install
from variants import ROOT

# One worker has all that share an environment.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


def test_the_development_servers_start_are_shared_and_leave_nothing(install: Install) -> None:
    service = install(auth_stack="pyjwt-pwdlib")
    shutil.copytree(ROOT / "tests/dev", service.folder / "tests/dev")
    shutil.copy(ROOT / "docs/how-to/separate-database-roles.md", service.folder / "tests/dev")

    service.run("ruff", "check", "tests/dev")
    service.run("ruff", "format", "--check", "tests/dev")
    service.run("mypy")
    assert " passed" in service.run("pytest", "--numprocesses", "2", "tests/dev")
