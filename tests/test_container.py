"""The image and the compose file let the service do no more than it needs."""

import json
import re
import shutil
from pathlib import Path

import yaml

from processes import run


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


def test_the_services_containers_have_no_rights_to_spare(default: Path) -> None:
    """CFG-05"""
    services = yaml.safe_load((default / "compose.yaml").read_text())["services"]

    for name in ("service", "migrate"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]
