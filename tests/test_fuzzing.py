"""Generated requests, valid and invalid, to a started service."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import run, uv
from tests.support.services import Install, free_port
from tests.support.variants import ROOT

STACK = "pyjwt-pwdlib"
# The administrator who creates the other users; all have the password of the OpenAPI example.
ADMINISTRATOR = "first@example.com"
PASSWORD = "correct horse battery staple"
START = f"""
app migrate
echo '{PASSWORD}' | app create-admin {ADMINISTRATOR}
exec gunicorn app.main:app
"""
# No generated request is valid for these. All others must accept some from allowed callers.
SECRET = {f"POST /api/v1/auth/{name}" for name in ("refresh", "password-reset")}

# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)


@pytest.fixture(scope="module")
def url(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the service as in production, with separate databases; return its URL."""
    service, port = install(auth_stack=STACK), free_port()
    settings = {
        "BIND": f"127.0.0.1:{port}",
        "DOCS_ENABLED": "true",
        "METRICS_PORT": "0",
        "RATE_LIMIT_ENABLED": "false",
    }
    log = tmp_path_factory.mktemp("fuzzing") / "log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            [uv(), "run", "--exact", "-q", "python", "-m", "dev", "sh", "-ec", START],
            cwd=service.folder,
            env=os.environ | service.environment | settings,
            stdout=said,
            stderr=said,
        ) as process,
    ):
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
    assert "unexpected_error" not in log.read_text()
    assert PASSWORD not in log.read_text()


@pytest.mark.parametrize("role", ["anonymous", "user", "administrator"])
def test_every_operation_conforms_to_its_description(url: str, role: str, tmp_path: Path) -> None:
    """VAL-22. On a failure, schemathesis prints the request and the response."""
    support, description = ROOT / "tests/support", f"{url}/api/v1/openapi.json"
    arguments = ["--no-color", "--report", "json", "--report-json-path", "report.json"]
    run(
        *("schemathesis", "--config-file", support / "schemathesis.toml"),
        *("run", description, *arguments),
        cwd=tmp_path,
        SCHEMATHESIS_HOOKS=str(support / "fuzzing_hooks.py"),
        FUZZED_URL=url,
        FUZZED_AS=role,
        FUZZED_ADMINISTRATOR=ADMINISTRATOR,
        FUZZED_PASSWORD=PASSWORD,
    )

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["operations"]["tested"] == report["operations"]["total"] > 0
    accepted = {
        operation
        for operation, phases in report["valid_rates"].items()
        if any(phase["accepted"] for phase in phases.values())
    }
    assert accepted == operations_for(role, description) - SECRET


def operations_for(role: str, description: str) -> set[str]:
    """Return the operations that a role may use, according to their described errors."""
    refusals = {"anonymous": {"401", "403"}, "user": {"403"}, "administrator": set[str]()}[role]
    with urllib.request.urlopen(description) as response:  # noqa: S310, our own
        paths = json.load(response)["paths"]
    return {
        f"{method.upper()} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if not refusals & operation["responses"].keys()
    }
