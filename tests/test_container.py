"""The image and the compose file let the service do no more than it needs."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from conftest import Render
from documents import PIN_IMAGES
from processes import CommandFailedError, run

# Says of each image what `docker buildx imagetools inspect` does, with a digest made of its name.
REGISTRY = """\
#!/usr/bin/env bash
digest() { (sha256sum || shasum -a 256) | cut -d " " -f 1; }
test "$1 $2 $3 $#" = "buildx imagetools inspect 4"
echo "Name:      docker.io/library/$4"
echo "MediaType: application/vnd.oci.image.index.v1+json"
echo "Digest:    sha256:$(echo "$4" | digest)"
echo
echo "Manifests: "
echo "  Name:      docker.io/library/$4@sha256:$(echo one | digest)"
"""


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Answer everything with one status; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep still."""

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


def test_the_environments_file_is_in_neither_git_nor_the_image(
    default: Path, tmp_path: Path
) -> None:
    """CFG-02"""
    shutil.copy(default / ".gitignore", tmp_path)
    run("git", "init", "-q", cwd=tmp_path)
    enters = (default / ".dockerignore").read_text().splitlines()

    assert run("git", "check-ignore", ".env", cwd=tmp_path) == ".env\n"
    assert enters[1] == "*"
    assert [line for line in enters if line.startswith("!") and ".env" in line] == []


def test_the_image_runs_as_nobody_and_gets_its_signals(default: Path) -> None:
    """CFG-05, REL-11"""
    dockerfile = (default / "Dockerfile").read_text()
    [user] = re.findall(r"^USER (.*)$", dockerfile, re.M)
    [command] = re.findall(r"^CMD (.*)$", dockerfile, re.M)

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert json.loads(command)[0] == "gunicorn"


def test_the_base_image_can_be_pinned_by_an_argument_and_updated(default: Path) -> None:
    """CFG-05. Updates of dependencies read FROM alone, so the argument names a stage by default."""
    lines = (default / "Dockerfile").read_text().splitlines()
    stages = dict(re.findall(r"^FROM (\S+) AS (\S+)$", "\n".join(lines), re.M))
    by_name = {name: image for image, name in stages.items()}

    assert "ARG PYTHON_IMAGE=python" in lines
    assert by_name["base"] == "${PYTHON_IMAGE}"
    assert by_name["python"] == "python:3.14-slim-trixie"
    assert re.fullmatch(r".+/uv:\d+\.\d+\.\d+", by_name["uv"])


def test_the_services_containers_have_no_rights_to_spare(default: Path, render: Render) -> None:
    """CFG-05"""
    services = yaml.safe_load((default / "compose.yaml").read_text())["services"]
    jobs = yaml.safe_load((render(jobs="postgres") / "compose.yaml").read_text())["services"]
    services["worker"] = jobs["worker"]

    for name in ("service", "migrate", "worker"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def images(project: Path) -> list[str]:
    """Return the name of every image that a project builds on or starts."""
    dockerfiles = [project / "Dockerfile", project / ".devcontainer/Dockerfile"]
    services = yaml.safe_load((project / "compose.yaml").read_text())["services"].values()
    return [
        *re.findall(
            r"^FROM (\S+[:/]\S+)", "\n".join(path.read_text() for path in dockerfiles), re.M
        ),
        *(service["image"] for service in services if "image" in service),
    ]


def test_every_image_has_a_version(default: Path) -> None:
    """CFG-05"""
    names = images(default)

    assert len(names) == 6
    assert [name for name in names if not re.search(r":[\w.-]*(\d|trixie)", name)] == []


def test_whoever_follows_the_how_to_pins_every_image_to_its_digest(
    default: Path, tmp_path: Path
) -> None:
    """CFG-05. A digest is nobody's to make up, so this registry stands in for the real ones."""
    project, commands = tmp_path / "project", tmp_path / "commands"
    shutil.copytree(default, project)
    commands.mkdir()
    docker = commands / "docker"
    docker.write_text(REGISTRY)
    docker.chmod(0o755)
    path = f"{commands}:{os.environ['PATH']}"

    for _ in range(2):
        run("bash", "-euc", PIN_IMAGES, cwd=project, PATH=path)

    digests = [sha256(f"{name}\n".encode()).hexdigest() for name in images(default)]
    expected = [
        f"{name}@sha256:{digest}" for name, digest in zip(images(default), digests, strict=True)
    ]
    assert images(project) == expected
    for changed in ("Dockerfile", "compose.yaml", ".devcontainer/Dockerfile"):
        assert re.sub(r"@sha256:\w+", "", (project / changed).read_text()) == re.sub(
            r"@sha256:\w+", "", (default / changed).read_text()
        )
    assert {*project.rglob("*.bak")} == set()


@pytest.mark.parametrize("ci", ["gitlab", "none"])
def test_renovate_pins_the_images_by_itself(render: Render, ci: str) -> None:
    """CFG-05"""
    configuration = json.loads((render(ci=ci) / "renovate.json").read_text())

    assert "docker:pinDigests" in configuration["extends"]


def test_dependabot_keeps_the_digests_of_every_file_fresh(default: Path) -> None:
    """CFG-05"""
    updates = yaml.safe_load((default / ".github/dependabot.yml").read_text())["updates"]
    watched = {
        (update["package-ecosystem"], folder)
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
    }

    assert watched >= {("docker", "/"), ("docker", "/.devcontainer"), ("docker-compose", "/")}


def test_the_image_holds_what_runs_and_nothing_that_builds(default: Path) -> None:
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
    assert "RUN" not in last
    assert {*re.findall(r"org\.opencontainers\.image\.(\w+)=", last)} >= {"title", "revision"}


@pytest.mark.parametrize(("status", "is_healthy"), [(200, True), (503, False)])
def test_the_images_health_is_what_the_service_answers(
    default: Path, tmp_path: Path, status: int, is_healthy: bool
) -> None:
    """REL-01"""
    last = stages((default / "Dockerfile").read_text())["last"]
    [check] = [line.partition(" CMD ")[2] for line in last if line.startswith("HEALTHCHECK")]
    command = json.loads(check)

    with answering(status) as port:
        if is_healthy:
            run(*command, cwd=tmp_path, BIND=f"0.0.0.0:{port}")
        else:
            with pytest.raises(CommandFailedError):
                run(*command, cwd=tmp_path, BIND=f"0.0.0.0:{port}")
    with pytest.raises(CommandFailedError, match="refused"):
        run(*command, cwd=tmp_path, BIND=f"0.0.0.0:{port}")
