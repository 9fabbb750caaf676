"""The demo, which is the first command of the README."""

import ast
import fcntl
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pexpect
import psutil
import pytest

from folder import ANOTHER, MARKER, open_folder, render
from tests.support.processes import CommandFailedError, run, uv
from tests.support.variants import ROOT

DEMO = [sys.executable, "-m", "nox", "--session", "demo", "--"]
SECONDS = 120


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of the demo; check at the end that no process of the demo is left."""
    yield tmp_path / "demo"

    assert running(tmp_path / "demo") == []


def running(folder: Path) -> list[list[str]]:
    """Return the commands of all processes whose arguments name a path in the folder."""
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [command for command in commands if f"{folder}/" in " ".join(command)]


def is_served(port: int) -> bool:
    """Return whether a server listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_demo_check_tests_the_main_operations_and_error_cases(folder: Path) -> None:
    said = run(*DEMO, "--check", "--folder", folder, cwd=ROOT)

    assert "The demo works." in said
    for done in ["201 register", "200 log in", "201 create an item", "200 list items"]:
        assert done in said
    for refused in ["401 a wrong token is refused", "404 an unknown path is a problem"]:
        assert refused in said


def test_the_demo_adds_local_addresses_to_the_no_proxy_variables(tmp_path: Path) -> None:
    shown = tmp_path / "uv"
    shown.write_text(f'#!/bin/sh\n[ "$1" = run ] || exec {uv()} "$@"\nenv\n')
    shown.chmod(0o755)

    said = run(*DEMO, cwd=ROOT, UV=str(shown), no_proxy="example.com", NO_PROXY="example.org")

    for name in ("no_proxy", "NO_PROXY"):
        assert f"\n{name}=example.com,127.0.0.1,localhost\n" in said


@pytest.fixture
def demo(folder: Path, port: int) -> Iterator["pexpect.spawn[str]"]:
    """Run the demo in a terminal until it prints that it is ready."""
    options = ["--port", str(port), "--folder", str(folder)]
    terminal = pexpect.spawn(
        DEMO[0], [*DEMO[1:], *options], cwd=ROOT, encoding="utf-8", timeout=SECONDS
    )
    terminal.expect_exact("To render a service of your own")
    assert running(folder)
    yield terminal
    terminal.close(force=True)


def test_the_demo_serves_until_ctrl_c(demo: "pexpect.spawn[str]", port: int) -> None:
    for path in ["ready", "api/docs"]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as response:
            assert response.status == 200
    demo.sendintr()
    demo.expect_exact("The demo is stopped.")
    demo.expect(pexpect.EOF)
    demo.close()

    assert demo.exitstatus == 0
    assert not is_served(port)


def test_the_demo_stops_when_nox_is_terminated(demo: "pexpect.spawn[str]", port: int) -> None:
    demo.kill(signal.SIGTERM)
    demo.expect_exact("The demo is stopped.")
    demo.expect(pexpect.EOF)

    assert not is_served(port)


def refusal(*options: str | Path) -> str:
    """Return the one-line error of the demo; check that it prints nothing else."""
    with pytest.raises(CommandFailedError) as refused:
        run("python", "scripts/demo.py", *options, cwd=ROOT, UV=uv())
    _, sentence = str(refused.value).splitlines()
    return sentence


def test_the_demo_reports_a_port_in_use_with_a_one_line_error(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert refusal("--folder", folder, "--port", str(port)) == (
            f"Port {port} cannot be used (Address already in use): "
            "choose another, such as `uvx nox -s demo -- --port 8001`."
        )
    assert not folder.exists()


def test_a_nonempty_folder_causes_a_one_line_error_and_is_not_changed(folder: Path) -> None:
    folder.mkdir()
    (folder / "precious").touch()

    assert refusal("--check", "--folder", folder) == (
        f"{folder} is not empty and not from a demo: {ANOTHER}"
    )
    assert [path.name for path in folder.iterdir()] == ["precious"]


def test_an_unwritable_folder_causes_a_one_line_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert refusal("--check", "--folder", tmp_path / "file/demo") == (
        f"{tmp_path}/file/demo cannot be written (Not a directory): {ANOTHER}"
    )


def test_the_folder_of_a_running_demo_causes_a_one_line_error(folder: Path) -> None:
    folder.mkdir()
    with (folder / MARKER).open("w") as marker:
        fcntl.flock(marker, fcntl.LOCK_EX)

        assert refusal("--check", "--folder", folder) == (
            f"A demo is running in {folder}: stop it, or {ANOTHER}"
        )


def test_the_folder_of_an_earlier_demo_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / MARKER).touch()
    (tmp_path / "left" / "over").mkdir(parents=True)
    with open_folder(tmp_path):
        render(tmp_path)

        assert not (tmp_path / "left").exists()
        assert (tmp_path / "pyproject.toml").exists()


def test_an_unsupported_python_version_causes_a_one_line_error() -> None:
    """The test changes `sys.version_info`, so that it needs no old version of Python."""
    pretend = "import sys; from nox.__main__ import main; sys.version_info = (3, 10, 13); main()"
    with pytest.raises(CommandFailedError) as refused:
        run("python", "-c", pretend, *DEMO[3:], "--help", cwd=ROOT)

    assert str(refused.value).splitlines()[2:] == [
        "nox > Session demo aborted: "
        "Python 3.11 or later is needed: name one with `uvx --python 3.12 nox`."
    ]
    # An old Python must be able to parse the file that prints this message.
    ast.parse((ROOT / "noxfile.py").read_text(), feature_version=(3, 8))
