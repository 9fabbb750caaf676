"""The base images of a service: fixed versions, and digests for owners who pin them."""

import json
import os
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from tests.support.documented_commands import HOW_TOS, PIN_IMAGES
from tests.support.processes import run
from tests.support.services import Render
from tests.support.variants import QUESTIONS, ROOT

HOW_TO = (ROOT / HOW_TOS / "pin-images.md.jinja").read_text()

# Prints what `docker buildx imagetools inspect` prints, with a digest of the name of the image.
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


def test_the_base_image_can_be_pinned_with_a_build_argument(default: Path) -> None:
    """CFG-05. Dependabot and Renovate read only FROM, so the argument names a stage by default."""
    lines = (default / "Dockerfile").read_text().splitlines()
    stages = dict(re.findall(r"^FROM (\S+) AS (\S+)$", "\n".join(lines), re.M))
    by_name = {name: image for image, name in stages.items()}

    assert "ARG PYTHON_IMAGE=python" in lines
    assert by_name["base"] == "${PYTHON_IMAGE}"
    assert by_name["python"] == "python:3.14-slim-trixie"
    assert re.fullmatch(r".+/uv:\d+\.\d+\.\d+", by_name["uv"])


@pytest.mark.parametrize("python", QUESTIONS["python_version"]["choices"])
def test_the_digest_of_the_base_image_is_documented(render: Render, python: str) -> None:
    """CFG-05. The Dockerfile and the how-to have the same digest."""
    dockerfile = (render(python_version=python) / "Dockerfile").read_text()
    (line,) = re.findall(r"^#   (--build-arg .*)$", dockerfile, re.M)
    table = dict(re.findall(r"^\| (\S+) \| .* \| `(sha256:\w{64})` \|$", HOW_TO, re.M))

    assert line == f"--build-arg PYTHON_IMAGE=python:{python}-slim-trixie@{table[python]}"


@pytest.mark.parametrize("python", QUESTIONS["python_version"]["choices"])
def test_no_interpreter_is_pinned_for_development(render: Render, python: str) -> None:
    """uv would download this version of Python, or fail where only another one is installed."""
    assert not (render(python_version=python) / ".python-version").exists()


def test_every_image_has_a_version_tag(default: Path) -> None:
    """CFG-05"""
    names = images(default)

    assert len(names) == 6
    assert [name for name in names if not re.search(r":[\w.-]*(\d|trixie)", name)] == []


def test_the_how_to_pins_every_image_to_its_digest(default: Path, tmp_path: Path) -> None:
    """CFG-05. A replacement for the command `docker` returns the digests."""
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
def test_renovate_is_configured_to_pin_image_digests(render: Render, ci: str) -> None:
    """CFG-05"""
    configuration = json.loads((render(ci=ci) / "renovate.json").read_text())

    assert "docker:pinDigests" in configuration["extends"]


def test_dependabot_updates_image_digests_in_every_file(default: Path) -> None:
    """CFG-05"""
    updates = yaml.safe_load((default / ".github/dependabot.yml").read_text())["updates"]
    watched = {
        (update["package-ecosystem"], folder)
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
    }

    assert watched >= {("docker", "/"), ("docker", "/.devcontainer"), ("docker-compose", "/")}
