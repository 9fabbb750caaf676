"""Two checkouts of one service on the same machine, which belong to two users.

Only root can run processes as two users; if another user runs the tests, it owns both checkouts.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.services import Render, Service, free_port
from tests.support.started_service import wait_for
from tests.support.variants import Answers

ANSWERS: Answers = {"jobs": "postgres"}
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")

# Neither has an entry in /etc/passwd.
USERS = (54_321, 54_322) if os.geteuid() == 0 else (os.geteuid(),) * 2
# The users can read root's files, such as its Python, but can write only their own files.
REACH = (
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
    "--securebits=+no_setuid_fixup",
)
SECONDS = 1200  # a machine may be busy
HEALTH = ("-m", "app.core.jobs.health")
SILENCE = "import os; from app.core.jobs.health import ALIVE; os.utime(ALIVE, (0, 0))"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Return a folder that every user can enter; its `tmp` is shared as /tmp is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        yield folder


@pytest.fixture(scope="module")
def services(place: Path, render: Render) -> list[Service]:
    """Return two installed checkouts, each of which belongs to its user."""
    found = []
    for number, user in enumerate(USERS):
        folder = place / f"checkout {number}" / "my-service"
        shutil.copytree(render(**ANSWERS), folder)
        folder.chmod(0o755)
        own = {"UV_LINK_MODE": "copy", "UV_PROJECT_ENVIRONMENT": str(folder / ".venv")}
        service = Service(folder, own)
        service.run("true")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, -1, follow_symlinks=False)
        found.append(service)
    return found


def switch(user: int) -> tuple[str, ...]:
    """Return the arguments that run a command as a user."""
    if user == os.geteuid():
        return ()
    plain = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
    is_allowed = subprocess.run([*plain, *REACH, "true"], check=False).returncode == 0
    return (*plain, *REACH) if is_allowed else plain


@contextmanager
def started(
    service: Service, *arguments: str, user: int = os.geteuid()
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a checkout's Python as a user, with the defaults of development; stop it at the end."""
    tmp = service.folder.parent.parent / "tmp"
    path = os.pathsep.join([str(service.folder / ".venv/bin"), os.environ["PATH"]])
    environ = {"PATH": path, "HOME": "/nonexistent", "TMPDIR": str(tmp), "METRICS_PORT": "0"}
    with log_of(service).open("wb") as log:
        process = subprocess.Popen(
            [*switch(user), ".venv/bin/python", *arguments],
            cwd=service.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def log_of(service: Service) -> Path:
    """Return the file with the output of the last program of a checkout."""
    return service.folder.with_name("log")


def ask(service: Service, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the output of a program of a checkout."""
    with started(service, *arguments) as process:
        code = process.wait(SECONDS)
    return code, log_of(service).read_text()


def test_the_test_suites_of_two_checkouts_pass_concurrently(services: list[Service]) -> None:
    with ExitStack() as stack:
        suites = [
            stack.enter_context(started(service, "-m", "pytest", "-q", user=user))
            for service, user in zip(services, USERS, strict=True)
        ]
        codes = [suite.wait(SECONDS) for suite in suites]

    assert codes == [0, 0], "\n".join(log_of(service).read_text() for service in services)


@contextmanager
def up(service: Service) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a service and its worker; yield the worker."""
    assert ask(service, "-m", "dev", "app", "migrate")[0] == 0
    with (
        started(service, "-m", "dev", "--port", str(free_port())),
        started(service, "-m", "dev", "python", "-m", "app.worker") as worker,
    ):
        yield worker


def is_alive(service: Service) -> bool:
    """Return whether the health check of the worker passes."""
    return ask(service, *HEALTH)[0] == 0


def test_the_health_of_a_worker_is_independent_of_another_checkout(services: list[Service]) -> None:
    with ExitStack() as stack:
        first, second = [stack.enter_context(up(service)) for service in services]
        wait_for(lambda: all(map(is_alive, services)), "The workers are not alive.")
        first.send_signal(signal.SIGSTOP)
        assert ask(services[0], "-c", SILENCE) == (0, "")
        told = [ask(service, *HEALTH) for service in services]
        first.send_signal(signal.SIGCONT)

    assert (first.returncode, second.returncode) == (0, 0)
    assert [code for code, _ in told] == [1, 0]
    assert "A worker last reported" in told[0][1]


def test_a_health_folder_replaced_by_a_symbolic_link_is_rejected(services: list[Service]) -> None:
    _, said = ask(services[0], "-c", "from app.core.jobs.health import ALIVE; print(ALIVE.parent)")
    folder = Path(said.strip())
    shutil.rmtree(folder, ignore_errors=True)
    folder.symlink_to("/")

    refusal = ask(services[0], *HEALTH)
    folder.unlink()

    sentence = f"{folder} must belong to this user alone. Set TMPDIR to another folder.\n"
    assert refusal == (1, sentence)
