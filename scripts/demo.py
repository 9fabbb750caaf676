"""Render the default service from this folder, start it, and serve it until Ctrl-C."""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from folder import ROOT, FolderError, open_folder, render
from smoke import SmokeError, smoke

HOST = "127.0.0.1"
READY_SECONDS = 120
STOP_SECONDS = 20
POLL_SECONDS = 0.2
UV = "uv" if shutil.which("uv") else os.environ["UV"]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

NOT_OURS = {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"}

NEXT = """
The demo service is ready.

  folder    {folder}
            (disposable: the next demo overwrites it)
  service   {url}
  docs      {url}/api/docs

Next, in another terminal:

  cd {folder}
  curl {url}/ready
  {uv} run poe test

To render a service of your own, beside this folder or anywhere else:

  {uv} tool run copier copy {root} my-service

Ctrl-C stops the demo.
"""


class DemoError(Exception):
    """The demo cannot continue; the message is a one-line error for the user."""


class Stopped(BaseException):
    """The demo was asked to stop."""


def main() -> int:
    """Run the demo and return its exit code."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    for name in SIGNALS:
        signal.signal(name, stop)
    try:
        run(read_arguments())
    except Stopped:
        print("The demo is stopped.")
    except (DemoError, FolderError, SmokeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def stop(_signal: int, _frame: FrameType | None) -> None:
    """Raise once, so that the started processes are stopped on the way out."""
    for name in SIGNALS:
        signal.signal(name, signal.SIG_IGN)
    raise Stopped


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="uvx nox -s demo --", description=__doc__)
    parser.add_argument("--check", action="store_true", help="try the whole service, then stop")
    parser.add_argument("--folder", type=Path, help="where to render (default: .demo/my-service)")
    parser.add_argument("--port", type=int, help="where to serve (default: 8000)")
    return parser.parse_args()


def run(arguments: argparse.Namespace) -> None:
    """Check the requirements, then render, install and start the service, and try or serve it."""
    name, default_port = ("check", 0) if arguments.check else ("my-service", 8000)
    port = choose_port(default_port if arguments.port is None else arguments.port)
    url = f"http://{HOST}:{port}"
    folder = (arguments.folder or ROOT / ".demo" / name).absolute()
    with open_folder(folder):
        with step(f"Rendering the default service into {folder}"):
            render(folder)
        with step("Installing its dependencies"):
            install(folder)
        with serve(folder, "--port", str(port)) as process:
            with step("Starting it on its own PostgreSQL and Valkey"):
                wait_until_ready(process, url)
            if arguments.check:
                smoke(url)
            else:
                print(NEXT.format(folder=folder, url=url, root=ROOT, uv=UV))
                raise DemoError(f"The service ended with {process.wait()}: see above.")
    print("The demo works.")


def choose_port(port: int) -> int:
    """Return `port`, or a free one for 0; raise `DemoError` if it cannot be used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", error)
            raise DemoError(
                f"Port {port} cannot be used ({reason}): "
                "choose another, such as `uvx nox -s demo -- --port 8001`."
            ) from error
        return int(probe.getsockname()[1])


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    print(f"{what} ...")
    start = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - start:.1f} s")


def environment(folder: Path) -> dict[str, str]:
    """Return the environment without settings of a service, so the demo starts its own servers."""
    example = (folder / ".env.example").read_text("utf-8")
    settings = re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)
    return {n: v for n, v in os.environ.items() if n not in NOT_OURS.union(settings)}


def install(folder: Path) -> None:
    """Install the service; raise `DemoError` if that fails."""
    if subprocess.run([UV, "sync"], cwd=folder, env=environment(folder), check=False).returncode:
        raise DemoError("The dependencies cannot be installed: the lines above say why.")


@contextmanager
def serve(
    folder: Path, *arguments: str, stop: signal.Signals = signal.SIGINT, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m dev` in its own session, so that only the caller interrupts it; stop it."""
    process = subprocess.Popen(
        [folder / ".venv/bin/python", "-m", "dev", *arguments],
        cwd=folder,
        env=environment(folder) | settings,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    """Return once the service is ready; raise `DemoError` if it ends or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoError(f"The service ended with {process.returncode}: see above.")
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5):
                time.sleep(2 * POLL_SECONDS)  # let `python -m dev` print its messages first
                return
        except OSError:  # the service does not listen yet, or is not ready yet
            time.sleep(POLL_SECONDS)
    raise DemoError(f"The service was not ready within {READY_SECONDS} seconds.")


if __name__ == "__main__":
    sys.exit(main())
