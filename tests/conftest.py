"""What every test shares: a snapshot of the working tree, and projects rendered from it."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import copier
import pytest

from person import Person
from processes import SERVERS, commit, link_commands, run, uv
from variants import QUESTIONS, ROOT, Answer, Answers

pytest_plugins = ["kubernetes_fixtures", "update_fixtures", "upgrade_fixtures"]

# They run inside a project: see test_in_project.py, test_adopting.py and updates/.
collect_ignore = ["adopted", "existing", "in_project", "updates/in_project"]

# The questions whose answers choose what is installed.
LIBRARIES = ("auth_stack", "telemetry")

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
    """Have pytest name its temporary folder by the user's id: not every user has a name."""
    os.environ["LOGNAME"] = str(os.geteuid())


class Render(Protocol):
    """Renders the working tree with some answers, once for each set of them."""

    def __call__(self, **answers: Answer) -> Path: ...


@dataclass(frozen=True)
class Service:
    """A rendered project in a folder of its own, with an environment."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a command as its owner would, with `uv run`; raise `CommandFailedError`."""
        return run(uv(), "run", "--exact", "-q", *command, cwd=self.folder, **self.environment)


class Share(Protocol):
    """Gives projects with equal dependencies one environment, whose types are checked once."""

    def __call__(self, answers: Answers) -> dict[str, str]: ...


class Install(Protocol):
    """Renders a project and installs it, in a shared environment."""

    def __call__(self, **answers: Answer) -> Service: ...


@pytest.fixture(scope="session", autouse=True)
def _hermetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep this machine's settings of Copier, Git and the services out of every test."""
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


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the PATH of a machine that has uv, but neither PostgreSQL nor Redis."""
    folder = tmp_path_factory.mktemp("commands")
    path = link_commands(folder, without=SERVERS | {"uv", "uvx"})
    for name in ["uv", "uvx"]:
        (folder / name).symlink_to(Path(uv()).with_name(name))
    return path


@pytest.fixture(scope="session")
def share(commands: str, tmp_path_factory: pytest.TempPathFactory) -> Share:
    """Share environments."""
    folder = tmp_path_factory.mktemp("shared")

    def shared(answers: Answers) -> dict[str, str]:
        libraries = [str(answers.get(name, QUESTIONS[name]["default"])) for name in LIBRARIES]
        return {
            "PATH": commands,
            "UV_PROJECT_ENVIRONMENT": str(folder.joinpath("environments", *libraries)),
            "MYPY_CACHE_DIR": str(folder.joinpath("types", *libraries)),
        }

    return shared


@pytest.fixture(scope="session")
def install(render: Render, share: Share, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Install rendered projects."""

    def installed(**answers: Answer) -> Service:
        folder = tmp_path_factory.mktemp("service")
        shutil.copytree(render(**answers), folder, dirs_exist_ok=True)
        service = Service(folder, share(answers))
        service.run("true")
        return service

    return installed


@pytest.fixture
def person(tmp_path: Path, commands: str, template: Path) -> Iterator[Person]:
    """Return a person in an empty folder, who closes every terminal at last."""
    person = Person(tmp_path, commands, template)
    yield person

    for terminal in person.terminals:
        terminal.close(force=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> int:
    """Return a port that nobody listens on."""
    return free_port()
