"""The commands of developers and continuous integration: demo, benchmarks, checks and tests."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["tests"]

WORKFLOWS = sorted(map(str, Path(".github/workflows").glob("*.yml")))
LINT = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("zizmor", "--offline", "--quiet", "--pedantic", ".github"),
    ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS),
)
# The parts of `tests` that pytest runs, in this order, and the marks of their tests.
PARTS = {
    "install": "install",
    "renders": "renders",
    "two services": "services",
    "one update": "one_update",
}
# The tests of which `everything` leaves out a part, because they take hours.
PROOFS = (
    "tests/test_prove_faults.py",
    "tests/test_section_faults.py",
    "tests/test_resource_projects.py",
)
# The tests that `everything` runs: those without any of these marks.
REST = f"not ({' or '.join(PARTS.values())})"
PARALLEL = ("-n", "2", "--dist", "loadgroup")


@nox.session
def demo(session: nox.Session) -> None:
    """Render the default service, start it, and serve it until Ctrl-C (`-- --help`)."""
    uv_run(session, "--only-group", "demo", "scripts/demo.py", *session.posargs)


@nox.session
def benchmark(session: nox.Session) -> None:
    """Compare the service with two reference services and any peers; needs `wrk` (`-- --help`)."""
    session.env["PYTHONPATH"] = "scripts"
    uv_run(session, "--only-group", "demo", "benchmarks/compare.py", *session.posargs)


@nox.session(name="benchmark-holds")
def benchmark_holds(session: nox.Session) -> None:
    """Measure how long slow request bodies block the event loop (`-- --help`)."""
    session.env["PYTHONPATH"] = "scripts"
    uv_run(session, "--only-group", "demo", "benchmarks/holds.py", *session.posargs)


@nox.session(name="benchmark-calls")
def benchmark_calls(session: nox.Session) -> None:
    """Compare the calls that a request takes with the committed figures (`-- --write`)."""
    session.env["PYTHONPATH"] = "scripts"
    uv_run(session, "--only-group", "demo", "benchmarks/calls.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the format and the lint rules of the template's own code and workflows."""
    for command in LINT:
        uv_run(session, *command)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the template's own code."""
    uv_run(session, "mypy")


class Timer:
    """Measures the parts of a session and prints their seconds in a table."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure a part, also one that fails, and add to what it took before."""
        began = monotonic()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0) + monotonic() - began

    def table(self) -> str:
        """Return a row with whole seconds for each part that began, and one for their sum."""
        rows = [*self._seconds.items(), ("total", sum(self._seconds.values()))]
        return "\n".join([f"{'part':<16}seconds", *(f"{name:<16}{s:>7.0f}" for name, s in rows)])


@nox.session
def tests(session: nox.Session) -> None:
    """Run lint, types, all renders, two services' own tests and one update, in a few minutes."""
    timer = Timer()
    with TemporaryDirectory() as environments:
        session.env["SERVICE_ENVIRONMENTS"] = environments
        try:
            run_parts(session, timer)
        finally:
            print(timer.table())  # noqa: T201, also after a failure


def run_parts(session: nox.Session, timer: Timer) -> None:
    """Run the parts of `tests`, or only the files that the arguments name, whatever their marks."""
    with timer.part("install"):
        uv_run(session, "true")
    with timer.part("lint and types"):
        lint(session)
        types(session)
    if any(Path(each.partition("::")[0]).exists() for each in session.posargs):
        with timer.part("named files"):
            uv_run(session, "pytest", *PARALLEL, *session.posargs)
        return
    for part, mark in PARTS.items():
        # The other parts install or update one service at a time, in environments that they share.
        parallel = PARALLEL if part in {"renders", "two services"} else ()
        with timer.part(part):
            uv_run(session, "pytest", "-m", mark, *parallel, *session.posargs)


@nox.session
def everything(session: nox.Session) -> None:
    """Run all tests that `tests` leaves out: the other services, updates, faults, and more."""
    uv_run(session, "pytest", "-m", REST, *PARALLEL, *session.posargs)


@nox.session
def updates(session: nox.Session) -> None:
    """Update projects of every release, edited ones too, and run all of their own tests."""
    session.env["UPDATES"] = "all"
    uv_run(session, "pytest", "-n", "2", "--dist", "loadgroup", "tests/updates", *session.posargs)


@nox.session
def proofs(session: nox.Session) -> None:
    """Plant each fault of a list in a service for `poe prove`, and test all random resources."""
    session.env["PROVE"] = "all"
    uv_run(session, "pytest", *PROOFS, *session.posargs)


def uv_run(session: nox.Session, *command: str) -> None:
    """Run a command in the project's environment, with the interpreter that runs nox."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        session.error("uv is missing: start with `uvx nox`, or install it as the README says")
    if sys.version_info < (3, 11):  # noqa: UP036, nox itself starts on older ones
        session.error("Python 3.11 or later is needed: name one with `uvx --python 3.12 nox`")
    no_proxy = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    # A proxy cannot reach the servers that run on this machine.
    direct = ",".join(filter(None, (no_proxy, "127.0.0.1,localhost")))
    environment = {
        "no_proxy": direct,
        "NO_PROXY": direct,
        "UV": uv,
        "UV_PYTHON": getattr(sys, "_base_executable", sys.executable),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    # The command must stop its servers. Ctrl-C reaches it too, but SIGTERM reaches only nox.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    session.run(
        *(uv, "run", *command),
        env=environment,
        external=True,
        interrupt_timeout=5,
        terminate_timeout=30,
    )
