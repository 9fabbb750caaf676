"""The tests of the platform leave a project, but not those that its owner edited."""

import pytest

from tests.fixtures.updates import Begin
from tests.support.processes import run
from tests.support.project_owner import PLACE, Owner
from tests.support.updates.releases import LAST_PLATFORM_TESTS

EDITED, UNEDITED = "tests/test_connections.py", "tests/test_draining.py"
OWN = """

def test_of_the_owner() -> None:
    assert HOST
"""

pytestmark = pytest.mark.xdist_group("updates-left-tests")


def test_removing_an_edited_test_is_a_conflict_and_the_test_can_be_preserved(begin: Begin) -> None:
    service = begin(f"v{LAST_PLATFORM_TESTS}", {})
    owner = Owner(service.folder, service.environment)
    owner.add(EDITED, OWN)

    said = owner.upgrade("--no-check", code=1)
    assert f"{EDITED} is removed, but you edited it" in said
    assert f"{EDITED}: edited by you, removed by the template: `git add` keeps it" in said
    assert f"{UNEDITED} is removed" in said
    assert OWN in (owner.folder / PLACE / EDITED).read_text()

    run("git", "add", EDITED, cwd=owner.folder / PLACE)
    owner.upgrade("--continue", "--no-check")
    assert OWN in owner.on_branch(EDITED)
    assert UNEDITED not in owner.branch_files("tests")
