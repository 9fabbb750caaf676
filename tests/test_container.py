"""The contents and the privileges of the image and of the containers."""

import json
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from tests.support.processes import CommandFailedError, run
from tests.support.services import Render

pytestmark = pytest.mark.renders

COPIED = ("migrations", "alembic.ini", "gunicorn.conf.py")


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Serve one status for every request; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def stages(dockerfile: str) -> dict[str, list[str]]:
    """Return the instructions of each stage, on one line each, by the stage's name."""
    lines = re.sub(r"^#.*\n", "", dockerfile, flags=re.M).replace("\\\n", "").splitlines()
    found: dict[str, list[str]] = {}
    for line in filter(None, lines):
        if match := re.fullmatch(r"FROM (\S+)(?: AS (\w+))?", line):
            found[match[2] or "last"] = [match[1]]
        elif found:
            found[[*found][-1]].append(line)
    return found


def test_the_env_file_is_excluded_from_git_and_the_image(default: Path, tmp_path: Path) -> None:
    """CFG-02"""
    shutil.copy(default / ".gitignore", tmp_path)
    run("git", "init", "-q", cwd=tmp_path)
    enters = (default / ".dockerignore").read_text().splitlines()

    assert run("git", "check-ignore", ".env", cwd=tmp_path) == ".env\n"
    assert enters[1] == "*"
    assert [line for line in enters if line.startswith("!") and ".env" in line] == []


def test_the_image_runs_gunicorn_directly_as_an_unprivileged_user(default: Path) -> None:
    """CFG-05, REL-11"""
    dockerfile = (default / "Dockerfile").read_text()
    [user] = re.findall(r"^USER (.*)$", dockerfile, re.M)
    [command] = re.findall(r"^CMD (.*)$", dockerfile, re.M)

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert json.loads(command)[0] == "gunicorn"


def test_containers_are_read_only_and_drop_all_capabilities(default: Path, render: Render) -> None:
    """CFG-05"""
    services = yaml.safe_load((default / "compose.yaml").read_text())["services"]
    jobs = yaml.safe_load((render(jobs="postgres") / "compose.yaml").read_text())["services"]
    services["worker"] = jobs["worker"]

    assert {*services} == {"database", "valkey", "migrate", "service", "worker"}
    for name in ("service", "migrate", "worker"):
        assert services[name]["read_only"] is True
    # If the images start as these users, their entry points change neither owners nor the user.
    assert (services["database"]["user"], services["valkey"]["user"]) == ("postgres", "valkey")
    for name in services:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_containers_get_no_secret_that_they_do_not_need(default: Path) -> None:
    """CFG-02. Compose passes all variables of `.env`, unless `environment` sets them."""
    services = yaml.safe_load((default / "compose.yaml").read_text())["services"]
    service, migrate = services["service"]["environment"], services["migrate"]["environment"]

    assert [name for name in service if "POSTGRES_PASSWORD" in str(service[name])] == [
        "DATABASE_URL"
    ]
    assert service["POSTGRES_PASSWORD"] == ""
    assert services["migrate"]["env_file"] == []
    assert migrate == {"LOG_FORMAT": "json", "DATABASE_URL": service["DATABASE_URL"]}
    assert "environment" not in services["valkey"]


def test_the_final_image_stage_contains_no_build_tools(default: Path) -> None:
    """CFG-05"""
    found = stages((default / "Dockerfile").read_text())
    builder, last = ("\n".join(found[name]) for name in ("builder", "last"))
    copied = re.findall(r"^COPY (.*)$", last, re.M)

    assert builder.index("uv sync --locked --no-dev --no-install-project") < builder.index("src")
    assert [each for each in copied if not each.startswith("--from=builder /app/")] == [
        "alembic.ini gunicorn.conf.py ./",
        "migrations ./migrations",
    ]
    assert "uv" not in last.split("COPY")[0]
    assert re.findall(r"^RUN .*$", last, re.M) == [
        "RUN chmod -R u=rwX,go=rX alembic.ini gunicorn.conf.py migrations"
    ]
    assert {*re.findall(r"org\.opencontainers\.image\.(\w+)=", last)} >= {"title", "revision"}


@pytest.mark.parametrize(("files", "folders"), [(0o600, 0o700), (0o640, 0o750), (0o666, 0o777)])
def test_every_user_can_read_the_files_of_the_image_whatever_their_modes_in_the_checkout(
    default: Path, tmp_path: Path, files: int, folders: int
) -> None:
    """CFG-05. The builder sets the modes of all other files."""
    [command] = [
        line.removeprefix("RUN ")
        for line in stages((default / "Dockerfile").read_text())["last"]
        if line.startswith("RUN chmod")
    ]
    for name in COPIED:
        (shutil.copytree if (default / name).is_dir() else shutil.copy)(
            default / name, tmp_path / name
        )
    for path in tmp_path.rglob("*"):
        path.chmod(folders if path.is_dir() else files)

    run("sh", "-c", command, cwd=tmp_path)

    assert {
        (path.is_dir(), oct(stat.S_IMODE(path.stat().st_mode))) for path in tmp_path.rglob("*")
    } == {(False, "0o644"), (True, "0o755")}


@pytest.mark.parametrize(("status", "is_healthy"), [(200, True), (503, False)])
def test_the_image_health_check_reports_the_status_of_the_service(
    default: Path, tmp_path: Path, status: int, is_healthy: bool
) -> None:
    """REL-01"""
    last = stages((default / "Dockerfile").read_text())["last"]
    [check] = [line.partition(" CMD ")[2] for line in last if line.startswith("HEALTHCHECK")]
    command = json.loads(check)

    with answering(status) as port:
        if is_healthy:
            for bind in ("0.0.0.0:%d", ":%d", "127.0.0.1:%d,[::1]:%d", "tcp://localhost:%d"):
                run(*command, cwd=tmp_path, BIND=bind.replace("%d", str(port)))
        else:
            with pytest.raises(CommandFailedError):
                run(*command, cwd=tmp_path, BIND=f"0.0.0.0:{port}")
    with pytest.raises(CommandFailedError, match="refused"):
        run(*command, cwd=tmp_path, BIND=f"0.0.0.0:{port}")
