"""The manifests of a service, what they come to, and what the service itself is."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from conftest import Install, Service
from documents import KUBERNETES, SECRETS, blocks
from kubernetes import NEWEST, Resource, build, find_kubectl, one
from processes import run
from variants import QUESTIONS, values

OVERLAYS = ["development", "production"]
JOBS = [{"jobs": answer} for answer in values("jobs")] if "jobs" in QUESTIONS else [{}]
PROBE = """
import json, resource, runpy
from app.config import Settings, get_settings
from app.core.auth.passwords import CONCURRENT_HASHES
from app.api.health import READY_TIMEOUT_SECONDS
from app.main import create_app
server = runpy.run_path("gunicorn.conf.py")
app = create_app(get_settings())
print(json.dumps({
    "bind": server["bind"],
    "graceful_timeout": server["graceful_timeout"],
    "workers": server["workers"],
    "hashes": CONCURRENT_HASHES,
    "ready_timeout": READY_TIMEOUT_SECONDS,
    "pool": get_settings().database_pool_size,
    "paths": [*app.openapi()["paths"]],
    "settings": {name: "Secret" in str(field.annotation)
                 for name, field in Settings.model_fields.items()},
    "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
"""


@pytest.fixture(scope="session")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of kubectl."""
    return find_kubectl(tmp_path_factory.mktemp("kubectl"))


@pytest.fixture(scope="session", params=JOBS, ids=lambda jobs: jobs.get("jobs", ""))
def deployed(request: pytest.FixtureRequest, install: Install) -> Service:
    """Return an installed service with manifests."""
    return install(auth_stack="pyjwt-pwdlib", kubernetes=True, **request.param)


@pytest.fixture(scope="session", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest, kubectl: Path, deployed: Service) -> list[Resource]:
    """Return the resources of one overlay."""
    return build(kubectl, deployed.folder, request.param)


@pytest.fixture(scope="session")
def production(kubectl: Path, deployed: Service) -> list[Resource]:
    """Return the resources of the overlay for production."""
    return build(kubectl, deployed.folder, "production")


@pytest.fixture(scope="session")
def secret(kubectl: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Return the values of the secrets that the documented commands make, by the secret's name."""
    folder = tmp_path_factory.mktemp("secrets")
    service, migration = blocks(KUBERNETES, "ini")
    key = os.urandom(32).hex()
    (folder / ".env.service").write_text(service.replace("KEY=", f"KEY={key}"))
    (folder / ".env.migration").write_text(migration)
    made = {}
    for command in SECRETS.splitlines()[1:]:
        arguments = [*command.split()[1:], "--dry-run=client", "--output=yaml"]
        manifest = yaml.safe_load(run(kubectl, *arguments, cwd=folder))
        kubernetes_validate.validate(manifest, NEWEST, strict=True)
        lines = [*service.splitlines(), *migration.splitlines()]
        written = dict(line.split("=", 1) for line in lines) | {"SECRET_KEY": key}
        made[manifest["metadata"]["name"]] = {name: written[name] for name in manifest["data"]}
    return made


@pytest.fixture(scope="session")
def facts(
    deployed: Service, production: list[Resource], secret: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """Return what the service is, in the environment that production gives it."""
    environment = one(production, "ConfigMap")["data"] | secret["my-service"]
    said = replace(deployed, environment=deployed.environment | environment).run(
        "python", "-c", PROBE
    )
    return dict(json.loads(said.splitlines()[-1]))
