"""What every test shares: a snapshot of the working tree, and projects rendered from it."""

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
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


class Once(Protocol):
    """Makes a folder once, for all workers: the first that needs it makes it, the others wait."""

    def __call__(self, name: str, make: Callable[[Path], object]) -> Path: ...


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
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Make folders that every worker reads."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each worker has a folder of its own below it

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = shared / f"once-{name}", shared / f"once-{name}.done"
        with (shared / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def download(_hermetic: None, once: Once) -> Path:
    """Return a folder that holds the working tree, uncommitted work too, as a download would."""

    def copy_working_tree(folder: Path) -> None:
        listed = run("git", "ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT).split("\0")
        for name in filter(None, listed):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    return once("download", copy_working_tree)


@pytest.fixture(scope="session")
def template(download: Path, once: Once) -> Path:
    """Return a repository that holds the working tree in one commit, tagged v1.0.0."""

    def commit_download(folder: Path) -> None:
        shutil.copytree(download, folder, dirs_exist_ok=True)
        run("git", "init", "-q", cwd=folder)
        commit(folder, "Snapshot")
        run("git", "tag", "v1.0.0", cwd=folder)

    return once("template", commit_download)


@pytest.fixture(scope="session")
def render(template: Path, once: Once) -> Render:
    """Render the working tree with some answers; what it returns is shared, so only read it."""

    @cache
    def rendered(**answers: Answer) -> Path:
        # Copier ignores an unknown answer, and would render the defaults for a misspelt one.
        assert set(answers) <= set(QUESTIONS)

        def copy(folder: Path) -> None:
            copier.run_copy(
                str(template), folder, data=answers, defaults=True, quiet=True, vcs_ref="HEAD"
            )

        return once(f"render-{sha256(repr(answers).encode()).hexdigest()[:16]}", copy)

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
    # The parts of `nox -s tests` come one after the other, and share them too.
    folder = Path(os.environ.get("SERVICE_ENVIRONMENTS") or tmp_path_factory.mktemp("shared"))

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
