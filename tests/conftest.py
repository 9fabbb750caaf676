"""What every test shares: a snapshot of the working tree, and projects rendered from it."""

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

import copier
import pytest

from processes import commit, run
from variants import QUESTIONS, ROOT, Answer

GIT_CONFIG = """\
[user]
    name = Tester
    email = tester@example.com
[init]
    defaultBranch = main
[safe]
    directory = *
"""


class Render(Protocol):
    """Renders the working tree with some answers, once for each set of them."""

    def __call__(self, **answers: Answer) -> Path: ...


@pytest.fixture(scope="session", autouse=True)
def _hermetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep this machine's settings of Copier, Git and the services out of every test."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "copier.yml").write_text("{}")
    (folder / "git").write_text(GIT_CONFIG)
    leaking = ("GIT_", "POSTGRES_", "DATABASE_", "REDIS_", "TEST_", "VIRTUAL_ENV", "UV_PROJECT_")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(leaking)]:
            patch.delenv(name)
        patch.setenv("COPIER_SETTINGS_PATH", str(folder / "copier.yml"))
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "git"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        yield


@pytest.fixture(scope="session")
def download(_hermetic: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the working tree, uncommitted work too, as a download would."""
    folder = tmp_path_factory.mktemp("download")
    listed = run("git", "ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def template(download: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that holds the working tree in one commit, tagged v1.0.0."""
    folder = tmp_path_factory.mktemp("template")
    shutil.copytree(download, folder, dirs_exist_ok=True)
    run("git", "init", "-q", cwd=folder)
    commit(folder, "Snapshot")
    run("git", "tag", "v1.0.0", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def render(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Render the working tree with some answers; what it returns is shared, so only read it."""

    @cache
    def rendered(**answers: Answer) -> Path:
        # Copier ignores an unknown answer, and would render the defaults for a misspelt one.
        assert set(answers) <= set(QUESTIONS)
        project = tmp_path_factory.mktemp("project")
        copier.run_copy(
            str(template), project, data=answers, defaults=True, quiet=True, vcs_ref="HEAD"
        )
        return project

    return rendered


@pytest.fixture
def default(render: Render) -> Path:
    """Return the project that the default answers give."""
    return render()
