"""Fixtures of all tests, which isolate them from the configuration of this machine."""

import os
import sys
from collections.abc import Iterator

import pytest

pytest_plugins = [
    "tests.fixtures.kubernetes",
    "tests.fixtures.node",
    "tests.fixtures.rendering",
    "tests.fixtures.services",
    "tests.fixtures.updates",
    "tests.fixtures.upgrades",
]

# These run inside a rendered project: see test_in_project.py, test_adopting.py and updates/.
collect_ignore = ["in_project", "updates/in_project"]
collect_ignore_glob = ["adopted*", "existing*"]

GIT_CONFIG = """\
[user]
    name = Tester
    email = tester@example.com
[init]
    defaultBranch = main
[safe]
    directory = *
"""


def pytest_configure() -> None:
    """Name pytest's temporary folder after the user id, because not every user has a name."""
    os.environ["LOGNAME"] = str(os.geteuid())


@pytest.fixture(scope="session", autouse=True)
def _hermetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Isolate all tests from this machine's settings of Copier, Git and the services."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "copier.yml").write_text("{}")
    (folder / "git").write_text(GIT_CONFIG)
    leaking = ("GIT_", "POSTGRES_", "DATABASE_", "REDIS_", "TEST_", "PYTHON", "VIRTUAL_", "UV_PROJ")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(leaking)]:
            patch.delenv(name)
        patch.setenv("COPIER_SETTINGS_PATH", str(folder / "copier.yml"))
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "git"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("UV_PYTHON", getattr(sys, "_base_executable", sys.executable))
        patch.setenv("UV_PYTHON_DOWNLOADS", "never")
        yield
