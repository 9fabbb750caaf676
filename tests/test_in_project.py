"""What `tests/in_project` says holds in a rendered project, whose own suite it would make slow.

Those tests start and kill many processes, or wait as long as a slow client is waited for; and what
they are about, owners hardly change.
"""

import shutil

import pytest

from tests.support.services import Install
from tests.support.variants import ROOT

# One worker has all that share an environment.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


def test_what_would_slow_down_a_projects_own_tests_passes_in_it(install: Install) -> None:
    service = install(auth_stack="pyjwt-pwdlib")
    tests = service.folder / "tests/in_project"
    shutil.copytree(ROOT / "tests/in_project", tests)

    service.run("ruff", "check", "tests")
    service.run("ruff", "format", "--check", "tests")
    service.run("mypy")
    assert " passed" in service.run("pytest", "--numprocesses", "2", "tests/in_project")
